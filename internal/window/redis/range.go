package redis

import (
	"context"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/rueidis"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/seal"
	"github.com/parley-chat/parley/internal/window"
)

// field is the name of the only field of an entry.
const field = "e"

var errReply = fmt.Errorf("%w: redis answered in another form", window.ErrUnavailable)

// Range gives entries; see window.Window.
func (w *Window) Range(ctx context.Context, room chat.RoomID, after, to, least chat.Seq) ([]window.Entry, error) {
	if after > to {
		return nil, window.ErrMiss
	}
	run, newest, err := w.read(ctx, room, after, to)
	if err != nil {
		return nil, err
	}
	if len(newest) == 0 || numberOf(newest[0]) < max(to, least) || after < to && (len(run) == 0 || numberOf(run[0]) != after+1) {
		w.stats.misses.Add(1)
		return nil, window.ErrMiss
	}
	entries, sound := w.unseal(room, after, run)
	if _, known := w.open(room, newest[0]); !known || !sound || len(run) != int(to-after) {
		return nil, w.distrust(ctx, room)
	}
	w.stats.hits.Add(1)
	return entries, nil
}

// read asks for the entries in (after, to] and for the newest one.
func (w *Window) read(ctx context.Context, room chat.RoomID, after, to chat.Seq) (run, newest []rueidis.XRangeEntry, err error) {
	key := w.key(room)
	err = w.ask(ctx, func(ctx context.Context, client rueidis.Client) error {
		commands := rueidis.Commands{client.B().Xrevrange().Key(key).End("+").Start("-").Count(1).Build()}
		if after < to {
			commands = append(commands, client.B().Xrange().Key(key).Start(entryID(after+1)).End(entryID(to)).Count(int64(to-after)).Build())
		}
		replies := client.DoMulti(ctx, commands...)
		if newest, err = replies[0].AsXRange(); err != nil || after == to {
			return err
		}
		run, err = replies[1].AsXRange()
		return err
	})
	return run, newest, err
}

// distrust gives up a window in which somebody else has written.
func (w *Window) distrust(ctx context.Context, room chat.RoomID) error {
	w.stats.forged.Add(1)
	if err := w.Drop(ctx, room); err != nil {
		return err
	}
	return window.ErrMiss
}

// unseal opens entries that must be those following on after.
func (w *Window) unseal(room chat.RoomID, after chat.Seq, run []rueidis.XRangeEntry) (entries []window.Entry, sound bool) {
	entries = make([]window.Entry, len(run))
	for i := range run {
		var known bool
		if entries[i], known = w.open(room, run[i]); !known || entries[i].Seq != after+1+chat.Seq(i) {
			return nil, false
		}
	}
	return entries, true
}

// sealed is how an entry stands in Redis: its mark, then its JSON.
func (w *Window) sealed(room chat.RoomID, e window.Entry) string {
	b := make([]byte, 0, seal.Size+len(e.JSON))
	b = w.seal.Mark(b, w.place(room, e.Seq), e.JSON)
	return string(append(b, e.JSON...))
}

// open takes an entry from Redis, and reports whether one of us put it there.
func (w *Window) open(room chat.RoomID, found rueidis.XRangeEntry) (e window.Entry, known bool) {
	value := []byte(found.FieldValues[field])
	seq := numberOf(found)
	if len(value) < seal.Size || found.ID != entryID(seq) {
		return window.Entry{}, false
	}
	mark, json := value[:seal.Size], value[seal.Size:]
	return window.Entry{Seq: seq, JSON: json}, w.seal.Holds(mark, w.place(room, seq), json)
}

// place says where an entry belongs, so that it is not taken for one of
// another room, number or history, nor for something else that is sealed.
func (w *Window) place(room chat.RoomID, seq chat.Seq) []byte {
	b := append([]byte("window "), w.epoch...)
	b = binary.BigEndian.AppendUint64(b, uint64(room))
	return binary.BigEndian.AppendUint64(b, uint64(seq))
}

// numberOf is the event's number, 0 in a foreign entry.
func numberOf(e rueidis.XRangeEntry) chat.Seq {
	number, _, _ := strings.Cut(e.ID, "-")
	n, _ := strconv.ParseInt(number, 10, 64)
	return chat.Seq(n)
}
