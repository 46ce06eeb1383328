package demo

import (
	"fmt"
	"strings"

	"github.com/parley-chat/parley/internal/store"
)

var names = []string{
	"Ada Obi", "Bruno Reyes", "Chen Wei", "Dana Levi", "Elif Kaya", "Farah Aziz", "Goran Babic", "Hana Sato",
	"Ines Moreau", "Jonas Berg", "Kofi Mensah", "Lena Vogt", "Mateo Silva", "Nora Lind", "Omar Haddad", "Priya Nair",
	"Quinn Doyle", "Rosa Marin", "Sven Dahl", "Tara Quill", "Umar Bello", "Vera Novak", "Wanda Zielinska", "Xenia Petrou",
	"Yusuf Demir", "Zoe Laurent", "Anton Fischer", "Bella Costa", "Carlo Ricci", "Daria Ivanova", "Emil Hansen", "Flora Byrne",
}

// displayName is how person i is shown.
func displayName(i int) string {
	if i < len(names) {
		return names[i]
	}
	return fmt.Sprintf("%s %d", names[i%len(names)], i/len(names)+1)
}

// username is person i's: the first name, later ones with a number.
func username(i int) string {
	first, _, _ := strings.Cut(names[i%len(names)], " ")
	if i < len(names) {
		return strings.ToLower(first)
	}
	return fmt.Sprintf("%s%d", strings.ToLower(first), i/len(names)+1)
}

var shown = []store.NewRoom{
	{Slug: "general", Name: "general", Topic: "What concerns everybody"},
	{Slug: "launch", Name: "launch", Topic: "Spring release goes out Thursday at 14:00"},
	{Slug: "engineering", Name: "engineering", Topic: "Builds, reviews, incidents"},
	{Slug: "design", Name: "design", Topic: "Work in progress and critique"},
	{Slug: "support", Name: "support", Topic: "Questions from customers that need a second pair of eyes"},
	{Slug: "random", Name: "random", Topic: "Everything else. Boats mostly"},
	{Slug: "founders", Name: "founders", Topic: "", Private: true},
	{Slug: "hiring", Name: "hiring", Topic: "Candidates and interview notes", Private: true},
	{Slug: "announcements", Name: "announcements", Topic: "News of the house"},
}

func showRoom(i int) store.NewRoom {
	if i < len(shown) {
		return shown[i]
	}
	name := fmt.Sprintf("project-%d", i-len(shown)+1)
	return store.NewRoom{Slug: name, Name: name}
}

func plainRoom(i int) store.NewRoom {
	name := fmt.Sprintf("room-%d", i+1)
	return store.NewRoom{Slug: name, Name: name}
}

var things = []string{"export", "invoice page", "sign-in form", "search box", "mobile header", "nightly build", "onboarding mail", "price table", "map view", "changelog"}

var reactions = []string{"👍", "🎉", "❤️", "👀", "✅", "😂", "🚀", "⛵"}
