package chat

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

func TestAReactionIsOneEmoji(t *testing.T) {
	for _, emoji := range []string{
		"👍", "👍🏽", "❤️", "❤", "👨‍👩‍👧‍👦", "🏳️‍🌈", "👩🏽‍🚀", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🇩🇪", "1️⃣", "#️⃣", "*⃣", "©️", "™", "‼️", "〰️", "➕", "✔", "→", "🏽", "ℹ️",
	} {
		if err := CheckEmoji(emoji); err != nil {
			t.Errorf("%q is refused: %v", emoji, err)
		}
	}
	for _, other := range []string{
		"", " ", "a", "ä", "1", "12️⃣", "👍👍", "👍 ", " 👍", "👍a", "👍\u200d", "\u200d👍", "\ufe0f", "\u20e3", "🇩", "🇩🇪🇫🇷", "🇩👍",
		"<", "+", "^", "`", "$", "1\ufe0f", "漢", "\u202e👍", "👍\x00", "👍\n", "\xf0\x9f", "e\u0301", strings.Repeat("👍\u200d", 20) + "👍",
	} {
		if CheckEmoji(other) == nil {
			t.Errorf("%q is taken for an emoji", other)
		}
	}
}

func TestEveryEmojiThatTheClientOffersIsAReaction(t *testing.T) {
	source, err := os.ReadFile("../../web/src/ui/emoji/list.ts")
	if err != nil {
		t.Fatal(err)
	}
	offered := regexp.MustCompile(`[';]([^\x00-\x7f][^ ';]*|[0-9#*][^ ';]*\x{20e3}) [a-z]`).FindAllStringSubmatch(string(source), -1)
	if len(offered) < 100 {
		t.Fatalf("only %d were found in the list", len(offered))
	}
	for _, emoji := range offered {
		if err := CheckEmoji(emoji[1]); err != nil {
			t.Errorf("%q is refused: %v", emoji[1], err)
		}
	}
}
