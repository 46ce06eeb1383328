package password

import (
	"crypto/rand"
	"errors"
	"math"
	"strings"
	"testing"
	"testing/iotest"
)

func TestGoodPasswordsPass(t *testing.T) {
	for _, password := range []string{
		"maple-orbit-chalk-tunic-4071",
		"tausend und eine Nacht im Zug",
		"  blanks at both ends  ",
		"xK9#mQ2$vL",
		"sunshine-kitchen-ladder",
		"пятьдесят оттенков чая",
		"我家门前有一条小河流过去",
		"gj4 o8f1 w2",
		"ZebraFiddleUmbrella",
		strings.Repeat("ab12-", 25) + "xyz",
	} {
		if err := Check(password, 10, "ann", "Acme Corp"); err != nil {
			t.Errorf("Check(%q): %v", password, err)
		}
	}
}

func TestBadPasswordsAreRefusedWithTheirReason(t *testing.T) {
	for want, passwords := range map[Reason][]string{
		TooShort: {"", "xK9#mQ2$v", "日本語日本語日本語"},
		TooLong:  {strings.Repeat("xK9#mQ2$", 16) + "x", strings.Repeat("語", 200), strings.Repeat("x", 1<<20)},
		NotText:  {"xK9#mQ2$vL\x00", "xK9#mQ2$vL\n", "xK9#mQ2$vL\xff"},
		SameAsName: {
			"anneliese1", "Anneliese!!", "AnnelieseAnneliese", "4nneliese2024", "acme corp.", "Acme Corp 2024",
		},
		Common: {
			"password123", "P@ssw0rd123!", "Passw0rd!!", "qwertyuiop", "1234567890", "0987654321", "iloveyou123",
			"admin12345", "4dmin_2024!", "letmein2024", "aaaaaaaaaa", "abcabcabcabc", "abcdefghij", "qwerty12345", "1q2w3e4r5t",
			"1qaz2wsx3edc", "football2023", "Summer2024!", "welcome12345", "passwordpassword", "changeme123",
			"asdfghjkl;", "zaq12wsxcde3", "MyPassword1", "01.01.1990", "31-12-2024 ", "michael1985", "Jennifer&David",
			"trustno1trustno1", "йцукенгшщз", "qwertz123456", "parley2026!", "correct horse battery staple",
			"Hello World 1", "11111111112", "fuckyou12345", "!@#$%^&*()", "administrator", "q1w2e3r4t5y6",
		},
	} {
		for _, password := range passwords {
			err := Check(password, 10, "anneliese", "Acme Corp", "")
			var problem *Problem
			if !errors.As(err, &problem) || problem.Reason != want {
				t.Errorf("Check(%.30q) = %v, want %s", password, err, want)
				continue
			}
			if sentence := problem.Error(); !strings.HasSuffix(sentence, ".") {
				t.Errorf("%s is explained by %q, no sentence", want, sentence)
			}
		}
	}
}

func TestTheMinimumIsASetting(t *testing.T) {
	for minimum, good := range map[int]bool{0: true, 8: true, 10: true, 11: false, 64: false} {
		if err := Check("xK9#mQ2$vL", minimum); (err == nil) != good {
			t.Errorf("ten characters with a minimum of %d: %v", minimum, err)
		}
	}
}

func TestCharactersAreCountedAsPeopleSeeThem(t *testing.T) {
	decomposed := strings.Repeat("e\u0301", 9)
	var problem *Problem
	if err := Check(decomposed, 10); !errors.As(err, &problem) || problem.Reason != TooShort {
		t.Errorf("nine letters with accents: %v", err)
	}
}

func TestTheWordTableFitsItsLimits(t *testing.T) {
	for word := range commonWords() {
		if len(word) > longestWord {
			t.Errorf("%q is longer than longestWord", word)
		}
	}
}

func TestGeneratedPassPhrasesHaveFiftyBitsAndPassThePolicy(t *testing.T) {
	words := phraseList()
	seen := make(map[string]bool)
	for _, word := range words {
		if seen[word] {
			t.Errorf("%q stands twice in the list", word)
		}
		seen[word] = true
	}
	if bits := phraseWords*math.Log2(float64(len(words))) + math.Log2(phraseDigits); bits < 50 {
		t.Errorf("%d words make %.1f bits, want 50", len(words), bits)
	}
	for range 1000 {
		phrase, err := Random(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if err := Check(phrase, 25); err != nil && !strings.Contains(err.Error(), "25") {
			t.Fatalf("Check(%q): %v", phrase, err)
		}
		if seen[phrase] {
			t.Fatalf("%q came twice", phrase)
		}
		seen[phrase] = true
	}
}

func TestABrokenRandomSourceMakesNoPassPhrase(t *testing.T) {
	if phrase, err := Random(iotest.ErrReader(errors.New("no entropy"))); err == nil {
		t.Errorf("got %q", phrase)
	}
}

func FuzzCheckNeverPanics(f *testing.F) {
	f.Add("P@ssw0rd!", "ann")
	f.Add("\xff\xfe", "\x00")
	f.Fuzz(func(t *testing.T, password, name string) {
		if err := Check(password, 8, name); err != nil && strings.Contains(err.Error(), password) && len(password) > 12 {
			t.Fatalf("the error repeats the password: %v", err)
		}
	})
}

func BenchmarkCheck(b *testing.B) {
	for b.Loop() {
		_ = Check("maple-orbit-chalk-tunic-4071", 10, "ann")
	}
}
