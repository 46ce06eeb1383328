package demo

import (
	"fmt"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// span is how far back the talk begins.
const span = 9 * 24 * time.Hour

// addMessages spreads the talk over the rooms, the first ones being the
// busiest, and over the last days.
func (f *filler) addMessages() error {
	if len(f.rooms) == 0 {
		return nil
	}
	left := f.Messages
	for i := range f.rooms {
		n := left / (len(f.rooms) - i)
		if !f.Plain && i < len(f.rooms)-1 {
			n = min(left, n*5/4)
		}
		if i == len(f.rooms)-1 {
			n = left
		}
		if len(f.rooms[i].members) == 0 {
			continue
		}
		if err := f.talk(f.rooms[i], n); err != nil {
			return err
		}
		left -= n
	}
	return nil
}

// talk puts n messages into a room, dialogue after dialogue.
func (f *filler) talk(room place, n int) error {
	first := f.rnd.IntN(len(dialogues))
	for said, d := 0, 0; said < n; d++ {
		lines := dialogues[(first+d*7)%len(dialogues)]
		lines = lines[:min(len(lines), n-said)]
		at := f.Now.Add(-span + span*time.Duration(said)/time.Duration(n))
		if err := f.dialogue(room, lines, office(at)); err != nil {
			return err
		}
		said += len(lines)
	}
	return nil
}

// dialogue has two or three members say the lines in turn, a minute or so
// apart.
func (f *filler) dialogue(room place, lines []string, at time.Time) error {
	cast := f.cast(room)
	thing, number := things[f.rnd.IntN(len(things))], 2+f.rnd.IntN(40)
	for i, line := range lines {
		who, text := speaker(line)
		text = strings.NewReplacer("{thing}", thing, "{n}", fmt.Sprint(number)).Replace(text)
		at = at.Add(time.Duration(20+f.rnd.IntN(150)) * time.Second)
		if at.After(f.Now) {
			at = f.Now
		}
		author := cast[who%len(cast)]
		key := fmt.Sprintf("demo-%d-%d", i, f.rnd.Uint64())
		seq, err := f.in.AddMessage(room.id, author, at, chat.Draft{Key: key, Text: text})
		if err != nil {
			return err
		}
		if err := f.react(room, seq, at); err != nil {
			return err
		}
	}
	return nil
}

// cast picks who talks.
func (f *filler) cast(room place) []chat.UserID {
	cast := make([]chat.UserID, 0, 3)
	for _, i := range f.rnd.Perm(min(len(room.members), 12))[:min(3, len(room.members))] {
		cast = append(cast, room.members[i])
	}
	return cast
}

// react puts an emoji under one message in nine.
func (f *filler) react(room place, seq chat.Seq, at time.Time) error {
	if f.Plain || f.rnd.IntN(9) > 0 {
		return nil
	}
	emoji := reactions[f.rnd.IntN(len(reactions))]
	for _, user := range f.cast(room) {
		if err := f.in.AddReaction(room.id, user, at, seq, emoji); err != nil {
			return err
		}
	}
	return nil
}

// office moves an instant into working hours of its day.
func office(at time.Time) time.Time {
	hours := at.Sub(at.Truncate(24 * time.Hour)).Hours()
	return at.Truncate(24 * time.Hour).Add(8*time.Hour + time.Duration(hours/24*float64(9*time.Hour)))
}

// speaker splits "b: text" into the number of who says it and the text.
func speaker(line string) (int, string) {
	return int(line[0] - 'a'), line[3:]
}
