package chat

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestUsernamesOfManyLanguagesAreWelcome(t *testing.T) {
	for _, name := range []string{
		"ann", "Ann.B", "a", "7", "x_y@z.org", "o+o-o", "admin", "josé", "Łukasz", "Ольга", "Ελένη",
		"山田たろう", "スーパー山", "김철수", "金철수", "محمد", "देवनागरी", "ไทยดี", strings.Repeat("é", 64),
	} {
		clean, fold, err := CleanUsername(name)
		if err != nil {
			t.Errorf("CleanUsername(%q): %v", name, err)
		}
		if clean != name {
			t.Errorf("CleanUsername(%q) = %q, want it unchanged", name, clean)
		}
		if fold == "" {
			t.Errorf("CleanUsername(%q): no fold", name)
		}
	}
}

func TestBadUsernamesAreRefusedWithTheirReason(t *testing.T) {
	cases := []struct {
		name string
		want NameProblem
	}{
		{"", UsernameEmpty},
		{strings.Repeat("a", 65), UsernameTooLong},
		{strings.Repeat("a", 1<<20), UsernameTooLong},
		{".ann", UsernameEdges},
		{"ann-", UsernameEdges},
		{"ann.", UsernameEdges},
		{"___", UsernameNoLetter},
		{"ann b", UsernameCharacters},
		{"ann ", UsernameCharacters},
		{"ann\u200b", UsernameCharacters},
		{"an\u202en", UsernameCharacters},
		{"an\u00adn", UsernameCharacters},
		{"ann\ufe0f", UsernameCharacters},
		{"an\u0336n", UsernameCharacters},
		{"an\u3164n", UsernameCharacters},
		{"ann\x00", UsernameCharacters},
		{"ann\xff", UsernameCharacters},
		{"a/b", UsernameCharacters},
		{"ann😀", UsernameCharacters},
		{"аdmin", UsernameScripts}, // the first letter is Cyrillic
		{"αnn", UsernameScripts},
		{"カkana", UsernameScripts},
		{"ひ김", UsernameScripts},
		{"here", UsernameReserved},
		{"EveryOne", UsernameReserved},
		{"ｓystem", UsernameReserved}, // full width
		{"Parley", UsernameReserved},
	}
	for _, c := range cases {
		_, _, err := CleanUsername(c.name)
		var problem NameProblem
		if !errors.As(err, &problem) || problem != c.want {
			t.Errorf("CleanUsername(%.20q) = %v, want %v", c.name, err, c.want)
		}
	}
}

func TestNamesThatDifferOnlyInCaseOrWidthHaveOneFold(t *testing.T) {
	for _, group := range [][]string{
		{"Admin", "admin", "ＡＤＭＩＮ", "ａdmin"},
		{"José", "Jose\u0301", "JOSÉ"},
		{"Straße", "STRASSE", "straẞe"},
		{"Ελένης", "ΕΛΈΝΗΣ"},
	} {
		want := foldOf(t, group[0])
		for _, name := range group[1:] {
			if got := foldOf(t, name); got != want {
				t.Errorf("fold of %q = %q, of %q = %q", name, got, group[0], want)
			}
		}
	}
}

func foldOf(t *testing.T, name string) string {
	t.Helper()
	_, fold, err := CleanUsername(name)
	if err != nil {
		t.Fatalf("CleanUsername(%q): %v", name, err)
	}
	return fold
}

func FuzzCleanUsername(f *testing.F) {
	for _, seed := range []string{"ann", "Straße", "ｓystem", "스타", "ΐ", "ŉ", "ǰ", "İstanbul", "a\u0345"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name, fold, err := CleanUsername(s)
		if err != nil {
			if name != "" || fold != "" {
				t.Fatalf("a refused name came back: %q, %q", name, fold)
			}
			return
		}
		if !utf8.ValidString(name) || utf8.RuneCountInString(name) > 64 {
			t.Fatalf("accepted %q", name)
		}
		again, sameFold, err := CleanUsername(name)
		if err != nil || again != name || sameFold != fold {
			t.Fatalf("cleaning %q again gives %q, %q, %v", name, again, sameFold, err)
		}
		if folded := foldName(fold); folded != fold {
			t.Fatalf("fold %q of %q folds on to %q", fold, name, folded)
		}
	})
}
