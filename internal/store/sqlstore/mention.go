package sqlstore

import (
	"strings"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/markup"
)

// mentioned gives the folds of the names in a text. It is asked before the
// text is queued: reading markup is no work for the committer.
func mentioned(text string) []string {
	if !strings.Contains(text, "@") {
		return nil
	}
	var folds []string
	for _, name := range markup.Mentions(text, chat.MaxMentions) {
		if _, fold, err := chat.CleanUsername(name); err == nil {
			folds = append(folds, fold)
		}
	}
	return folds
}

// mentionedIn gives the folds of the names in what a change says.
func mentionedIn(c chat.Change) []string {
	switch c := c.(type) {
	case chat.PostMessage:
		return mentioned(c.Text)
	case chat.EditMessage:
		return mentioned(c.Text)
	}
	return nil
}

// addMentions notes whom a message names. Names of nobody are only text.
func (t *tx) addMentions(m chat.Message, folds []string) error {
	for _, fold := range folds {
		err := run(t, `INSERT INTO mentions (user_id, room_id, seq) SELECT id, $2, $3 FROM users WHERE fold = $1 AND id <> $4
			ON CONFLICT (user_id, room_id, seq) DO NOTHING`, fold, m.Room, m.Seq, m.User.ID)
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) replaceMentions(m chat.Message, folds []string) error {
	if err := run(t, "DELETE FROM mentions WHERE room_id = $1 AND seq = $2", m.Room, m.Seq); err != nil {
		return err
	}
	return t.addMentions(m, folds)
}
