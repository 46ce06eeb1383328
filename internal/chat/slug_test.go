package chat

import (
	"strings"
	"testing"
)

func TestSlugsFollowTheirPattern(t *testing.T) {
	for _, slug := range []string{"a", "general", "0day", "a_b-c", "room-1", "1_", strings.Repeat("x", 64)} {
		if err := CleanSlug(slug); err != nil {
			t.Errorf("CleanSlug(%q): %v", slug, err)
		}
	}
	for slug, want := range map[string]NameProblem{
		"":                      SlugEmpty,
		strings.Repeat("x", 65): SlugTooLong,
		"-a":                    SlugCharacters,
		"_a":                    SlugCharacters,
		"Abc":                   SlugCharacters,
		"a b":                   SlugCharacters,
		"café":                  SlugCharacters,
		"a/../b":                SlugCharacters,
		"0":                     SlugDigits,
		"2024":                  SlugDigits,
	} {
		if err := CleanSlug(slug); err != want {
			t.Errorf("CleanSlug(%q) = %v, want %v", slug, err, want)
		}
	}
}

func TestRoomNamesBecomeReadableSlugs(t *testing.T) {
	for name, want := range map[string]string{
		"General":                         "general",
		"Café Ünïcode":                    "cafe-unicode",
		"  --Dev // Ops--  ":              "dev-ops",
		"Łódź & Smørrebrød":               "lodz-smorrebrod",
		"Straße":                          "strasse",
		"What's new?":                     "whats-new",
		"2024":                            "room-2024",
		"日本語":                             "room",
		"":                                "room",
		"!!!":                             "room",
		"snake_case":                      "snake_case",
		strings.Repeat("ab ", 40):         strings.Repeat("ab-", 21) + "a",
		strings.Repeat("9", 100):          "room-" + strings.Repeat("9", 59),
		strings.Repeat("x", 63) + " tail": strings.Repeat("x", 63),
	} {
		if got := SlugFrom(name); got != want {
			t.Errorf("SlugFrom(%q) = %q, want %q", name, got, want)
		}
	}
}

func FuzzSlugFromIsAlwaysValid(f *testing.F) {
	f.Add("Café")
	f.Add("__-9")
	f.Add("0_")
	f.Add(strings.Repeat("1", 65) + "a")
	f.Fuzz(func(t *testing.T, name string) {
		if err := CleanSlug(SlugFrom(name)); err != nil {
			t.Fatalf("SlugFrom(%q) = %q: %v", name, SlugFrom(name), err)
		}
	})
}
