package sqlstore

import (
	"strings"

	"github.com/parley-chat/parley/internal/chat"
)

// addMentions notes whom a message names. Names of nobody are text.
func (t *tx) addMentions(m chat.Message) error {
	if !strings.Contains(m.Text, "@") {
		return nil
	}
	for _, name := range mentioned(m.Text) {
		_, fold, err := chat.CleanUsername(name)
		if err != nil {
			continue
		}
		err = run(t, `INSERT INTO mentions (user_id, room_id, seq) SELECT id, $2, $3 FROM users WHERE fold = $1 AND id <> $4
			ON CONFLICT (user_id, room_id, seq) DO NOTHING`, fold, m.Room, m.Seq, m.User.ID)
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) replaceMentions(m chat.Message) error {
	if err := run(t, "DELETE FROM mentions WHERE room_id = $1 AND seq = $2", m.Room, m.Seq); err != nil {
		return err
	}
	return t.addMentions(m)
}

// mentioned gives the names in a text, at most chat.MaxMentions.
func mentioned(text string) []string { return nil }
