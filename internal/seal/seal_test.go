package seal_test

import (
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
