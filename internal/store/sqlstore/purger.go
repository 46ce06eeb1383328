package sqlstore

import (
	"context"

	"github.com/parley-chat/parley/internal/chat"
)

// purgeStep is how many messages or events of a deleted room one transaction
// erases: few enough not to hold up those who write meanwhile.
const purgeStep = 200

// purger erases what was said in deleted rooms, in small steps between other
// writes. What it had not done when the program ended it does after the next
// start.
type purger struct {
	s    *Store
	work chan struct{} // has one when there may be a room to purge
}

func newPurger(s *Store) *purger {
	return &purger{s: s, work: make(chan struct{}, 1)}
}

// wake makes the purger look for deleted rooms.
func (p *purger) wake() {
	select {
	case p.work <- struct{}{}:
	default:
	}
}

func (p *purger) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.work:
		}
		if err := p.purge(ctx); err != nil && ctx.Err() == nil {
			p.s.logger.Warn("a deleted room could not be purged", "error", err)
		}
	}
}

// purge erases all rooms that were deleted.
func (p *purger) purge(ctx context.Context) error {
	rooms, err := collect(p.s.direct(ctx), scanOne[chat.RoomID], "SELECT id FROM rooms WHERE deleted AND NOT purged")
	if err != nil {
		return p.s.d.fault(err)
	}
	for _, room := range rooms {
		for more := true; more; {
			err := p.s.write(ctx, job{keepsFacts: true, run: func(t *tx) (err error) {
				more, err = t.purge(room)
				return err
			}})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// purge erases one step of a room and tells whether there is more.
func (t *tx) purge(room chat.RoomID) (more bool, err error) {
	seqs, err := collect(t, scanOne[chat.Seq], "SELECT seq FROM messages WHERE room_id = $1 ORDER BY seq LIMIT $2", room, purgeStep)
	if err != nil {
		return false, err
	}
	if len(seqs) > 0 {
		return true, t.erase(room, seqs[len(seqs)-1])
	}
	n, err := affected(t, `DELETE FROM changes WHERE room_id = $1 AND seq IN
		(SELECT seq FROM changes WHERE room_id = $1 ORDER BY seq LIMIT $2)`, room, purgeStep)
	if err != nil || n > 0 {
		return true, err
	}
	return false, run(t, "UPDATE rooms SET purged = $2 WHERE id = $1", room, true)
}

// erase deletes the messages up to a number, with what refers to them.
func (t *tx) erase(room chat.RoomID, to chat.Seq) error {
	for _, query := range []string{
		"DELETE FROM reactions WHERE room_id = $1 AND seq <= $2",
		"DELETE FROM mentions WHERE room_id = $1 AND seq <= $2",
		"DELETE FROM messages WHERE room_id = $1 AND seq <= $2",
	} {
		if err := run(t, query, room, to); err != nil {
			return err
		}
	}
	return nil
}
