package prove

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/parley-chat/parley/client"
)

// replayed is how many events back a resume still gives event by event.
const replayed = 5000

// quiet is how long nothing may happen before everything has come to its end.
const quiet = 1500 * time.Millisecond

// settle waits until the rooms rest and everybody has heard everything, and
// then asks some things again.
func (r *run) settle(ctx context.Context) error {
	heads, err := r.awaitRest(ctx)
	if err != nil {
		return err
	}
	inside, err := r.inside(ctx)
	if err != nil {
		return err
	}
	err = eventually(ctx, "everybody has heard everything", func() bool { return len(r.behind(heads, inside)) == 0 })
	if err != nil && ctx.Err() == nil {
		for _, who := range r.behind(heads, inside) {
			r.found(kindLost, "%s, %v after everything came back", who, patience)
		}
	}
	r.Progress("asking again for what was acknowledged")
	var asking sync.WaitGroup
	for _, p := range r.people {
		asking.Go(func() { p.sendAgain(ctx) })
	}
	asking.Wait()
	_, err = r.awaitRest(ctx) // what comes now is not to be: the check sees it
	return err
}

// awaitRest waits until no room has grown for a while.
func (r *run) awaitRest(ctx context.Context) (map[int64]int64, error) {
	var heads map[int64]int64
	since := time.Now()
	err := eventually(ctx, "the rooms rest", func() bool {
		now, err := r.heads(ctx)
		if err != nil {
			return false
		}
		for room, head := range now {
			if heads[room] != head {
				since = time.Now()
			}
		}
		heads = now
		return time.Since(since) > quiet
	})
	return heads, err
}

func (r *run) heads(ctx context.Context) (map[int64]int64, error) {
	var list struct {
		Rooms []client.Room `json:"rooms"`
	}
	if err := r.admin.call(ctx, r.nodes[0].gate, http.MethodGet, "/rooms", nil, &list); err != nil {
		return nil, err
	}
	heads := map[int64]int64{}
	for _, room := range list.Rooms {
		heads[int64(room.ID)] = int64(room.LastSeq)
	}
	return heads, nil
}

// inside tells who is in which room. People themselves may be wrong about
// that: a leaving that had no answer may have been done late.
func (r *run) inside(ctx context.Context) (map[inRoom]bool, error) {
	all := map[inRoom]bool{}
	for _, room := range r.rooms {
		f := finalRoom{id: room.id}
		if err := r.readMembers(ctx, &f); err != nil {
			return nil, err
		}
		for _, user := range f.members {
			all[inRoom{user, room.id}] = true
		}
	}
	return all, nil
}

// behind tells who has not heard a room to its end.
func (r *run) behind(heads map[int64]int64, inside map[inRoom]bool) (late []string) {
	for room, head := range heads {
		if at := r.witness.at(room); at < head {
			late = append(late, fmt.Sprintf("the witness has heard room %d up to %d of %d", room, at, head))
		}
	}
	for _, p := range r.people {
		for _, h := range p.haunts {
			if at := p.listen.at(h.id); inside[inRoom{p.id, h.id}] && at < heads[h.id] {
				late = append(late, fmt.Sprintf("%s has heard room %d up to %d of %d", p.name, h.id, at, heads[h.id]))
			}
		}
	}
	return late
}

// sample keeps some of a person's acknowledged messages, each as likely as
// any other.
type sample struct {
	kept []sent
	seen int64
}

// sent is a message as it was posted.
type sent struct {
	room, seq int64
	body      map[string]string
}

const sampleSize = 100

func (s *sample) add(m sent, luck *rand.Rand) {
	s.seen++
	if len(s.kept) < sampleSize {
		s.kept = append(s.kept, m)
		return
	}
	if i := luck.Int64N(s.seen); i < sampleSize {
		s.kept[i] = m
	}
}

// sendAgain posts under keys that are known; the answers are to be the old
// ones.
func (p *person) sendAgain(ctx context.Context) {
	for _, m := range p.sample.kept {
		if !p.reads(m.room) {
			continue
		}
		ask := Record{Op: opAgain, Room: m.room, Seq: m.seq, Key: m.body["key"], Text: digest(m.body["text"])}
		p.attempt(ctx, ask, p.draw(), func(ctx context.Context, n *node) (Record, error) {
			var got client.Message
			err := p.http.call(ctx, n.gate, http.MethodPost, messagesPath(m.room), m.body, &got)
			return Record{Seq: int64(got.Seq), Key: got.Key}, err
		})
	}
}

// reads tells whether the person may read the room now.
func (p *person) reads(room int64) bool {
	return slices.ContainsFunc(p.haunts, func(h *haunt) bool { return h.id == room && (h.in || !h.private) })
}
