package seal_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/parley-chat/parley/internal/seal"
)

func parts(texts ...string) [][]byte {
	all := make([][]byte, len(texts))
	for i, text := range texts {
		all[i] = []byte(text)
	}
	return all
}

func TestAMarkHoldsForItsPartsAndKeyOnly(t *testing.T) {
	key := seal.NewKey()
	mark := key.Mark(nil, parts("room", "hello")...)
	if len(mark) != seal.Size || !key.Holds(mark, parts("room", "hello")...) {
		t.Fatal("the mark does not hold for what was marked")
	}
	for _, other := range [][][]byte{parts("roomhello"), parts("roo", "mhello"), parts("room", "hello", ""), parts("room", "hellO"), nil} {
		if key.Holds(mark, other...) {
			t.Errorf("the mark holds for %q too", other)
		}
	}
	if seal.NewKey().Holds(mark, parts("room", "hello")...) {
		t.Error("the mark holds with another key")
	}
	if key.Holds(mark[:len(mark)-1], parts("room", "hello")...) || key.Holds(nil, parts("room", "hello")...) {
		t.Error("half a mark holds")
	}
}

func TestAKeyCanBeWrittenDown(t *testing.T) {
	key := seal.NewKey()
	again, err := seal.ParseKey(key.Text())
	if err != nil || again != key {
		t.Fatalf("got another key back, %v", err)
	}
	for _, text := range []string{"", "00", key.Text()[2:], key.Text() + "00", "x" + key.Text()[1:]} {
		if _, err := seal.ParseKey(text); err == nil {
			t.Errorf("%q was taken for a key", text)
		}
	}
}

func TestOnlyTheSameKeyRevealsWhatWasHidden(t *testing.T) {
	key, plain := seal.NewKey(), []byte("203.0.113.9")
	hidden := key.Hide(plain, parts("limits", "a")...)
	if got, err := key.Reveal(hidden, parts("limits", "a")...); err != nil || !bytes.Equal(got, plain) {
		t.Fatalf("got %q, %v", got, err)
	}
	if bytes.Contains(hidden, plain[:4]) || bytes.Equal(hidden, key.Hide(plain, parts("limits", "a")...)) {
		t.Error("what was hidden shows")
	}
	for what, reveal := range map[string]func() ([]byte, error){
		"another key":   func() ([]byte, error) { return seal.NewKey().Reveal(hidden, parts("limits", "a")...) },
		"another maker": func() ([]byte, error) { return key.Reveal(hidden, parts("limits", "b")...) },
		"half of it":    func() ([]byte, error) { return key.Reveal(hidden[:len(hidden)/2], parts("limits", "a")...) },
		"nothing":       func() ([]byte, error) { return key.Reveal(nil, parts("limits", "a")...) },
		"one bit":       func() ([]byte, error) { hidden[20] ^= 1; return key.Reveal(hidden, parts("limits", "a")...) },
	} {
		if got, err := reveal(); !errors.Is(err, seal.ErrForged) {
			t.Errorf("%s: got %q, %v", what, got, err)
		}
	}
}
