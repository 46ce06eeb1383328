package sqlstore

import (
	"encoding/json"
	"fmt"

	"github.com/parley-chat/parley/internal/chat"
)

// body is what an event holds beside its columns. It is stored as JSON: keep
// the names.
type body struct {
	// Of an edit: the message as it was after it.
	Text      string         `json:"text,omitempty"`
	Reactions []bodyReaction `json:"reactions,omitempty"`
	// Of a reaction.
	Emoji string `json:"emoji,omitempty"`
	// Of a room's change.
	Name     *string `json:"name,omitempty"`
	Slug     *string `json:"slug,omitempty"`
	Topic    *string `json:"topic,omitempty"`
	Private  *bool   `json:"private,omitempty"`
	Archived *bool   `json:"archived,omitempty"`
}

type bodyReaction struct {
	Emoji string        `json:"emoji"`
	Count int           `json:"count"`
	Users []chat.UserID `json:"users"`
}

// encode gives the stored form, empty for an empty body.
func (b body) encode() string {
	text, err := json.Marshal(b)
	if err != nil {
		panic(fmt.Sprintf("sqlstore: a body that is no JSON: %v", err)) // strings, numbers and flags only
	}
	if string(text) == "{}" {
		return ""
	}
	return string(text)
}

func decodeBody(text string) (b body, err error) {
	if text == "" {
		return b, nil
	}
	if err := json.Unmarshal([]byte(text), &b); err != nil {
		return b, fmt.Errorf("%w: stored event: %w", errDefect, err)
	}
	return b, nil
}

func (b body) changes() chat.RoomChanges {
	return chat.RoomChanges{Name: b.Name, Slug: b.Slug, Topic: b.Topic, Private: b.Private, Archived: b.Archived}
}

func bodyOfChanges(c chat.RoomChanges) body {
	return body{Name: c.Name, Slug: c.Slug, Topic: c.Topic, Private: c.Private, Archived: c.Archived}
}

func bodyOfMessage(m chat.Message) body {
	b := body{Text: m.Text}
	for _, reaction := range m.Reactions {
		stored := bodyReaction{Emoji: reaction.Emoji, Count: reaction.Count}
		for _, user := range reaction.Users {
			stored.Users = append(stored.Users, user.ID)
		}
		b.Reactions = append(b.Reactions, stored)
	}
	return b
}
