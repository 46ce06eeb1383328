package prove

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"

	"github.com/parley-chat/parley/client"
)

// final is what the server has at the end, when nothing happens any more.
type final struct {
	rooms []finalRoom
	reads map[int64]map[int64]int64 // read marks by person and room
}

// finalRoom is a room as the API gives it.
type finalRoom struct {
	id       int64
	private  bool
	head     int64
	epoch    string
	messages []stored // as the pages give them
	members  []int64
}

// stored is a message of a page.
type stored struct {
	seq       int64
	user      int64
	key       string
	text      string // digest
	made      int64  // milliseconds since 1970
	edited    bool
	deleted   bool
	reactions map[string]reaction
}

// reaction is who put an emoji under a message.
type reaction struct {
	count int
	users []int64 // the first few, ascending
}

// finish reads everything that the server has, has somebody new hear it all,
// and stops the nodes.
func (r *run) finish(ctx context.Context) error {
	if slices.ContainsFunc(r.trouble, func(f Finding) bool { return f.Kind == kindStuck }) {
		return r.closeHistories()
	}
	r.Progress("reading everything")
	r.final.reads = map[int64]map[int64]int64{}
	for _, room := range r.rooms {
		if err := r.readRoom(ctx, room); err != nil {
			return err
		}
	}
	for i, p := range r.people {
		if err := r.readMarks(ctx, r.nodes[i%len(r.nodes)], p); err != nil {
			return err
		}
	}
	for _, n := range r.nodes {
		if err := r.hearAgain(ctx, n); err != nil {
			return err
		}
	}
	for _, n := range r.nodes {
		if err := n.stop(); err != nil {
			r.found(kindStuck, "%v", err)
		}
	}
	return r.closeHistories()
}

func (r *run) closeHistories() error {
	for _, h := range r.histories {
		if err := h.close(); err != nil {
			return err
		}
	}
	return nil
}

// readRoom reads all pages of a room, each from another node, and who is in
// it.
func (r *run) readRoom(ctx context.Context, room *room) error {
	f := finalRoom{id: room.id, private: room.private}
	for after, turn, more := int64(0), 0, true; more; turn++ {
		var page client.Page
		path := fmt.Sprintf("%s?after=%d&limit=200", messagesPath(room.id), after)
		if err := r.admin.call(ctx, r.nodes[turn%len(r.nodes)].gate, http.MethodGet, path, nil, &page); err != nil {
			return fmt.Errorf("prove: reading room %d: %w", room.id, err)
		}
		for _, m := range page.Messages {
			f.messages = append(f.messages, storedOf(m))
			after = int64(m.Seq)
		}
		f.head, f.epoch, more = int64(page.Head), page.Epoch, page.More && len(page.Messages) > 0
	}
	err := r.readMembers(ctx, &f)
	r.final.rooms = append(r.final.rooms, f)
	return err
}

func (r *run) readMembers(ctx context.Context, f *finalRoom) error {
	for cursor := ""; ; {
		var list struct {
			Members []struct{ ID int64 } `json:"members"`
			Next    string               `json:"next"`
		}
		path := memberPath(f.id, "")
		path = path[:len(path)-1] + "?limit=200" + cursor
		if err := r.admin.call(ctx, r.nodes[0].gate, http.MethodGet, path, nil, &list); err != nil {
			return fmt.Errorf("prove: reading who is in room %d: %w", f.id, err)
		}
		for _, m := range list.Members {
			f.members = append(f.members, m.ID)
		}
		if list.Next == "" {
			return nil
		}
		cursor = "&cursor=" + list.Next
	}
}

func storedOf(m client.Message) stored {
	s := stored{
		seq: int64(m.Seq), user: int64(m.User.ID), key: m.Key, text: digest(m.Text), made: m.CreatedAt.UnixMilli(),
		edited: m.EditedAt != nil, deleted: m.DeletedAt != nil, reactions: map[string]reaction{},
	}
	for _, given := range m.Reactions {
		r := reaction{count: given.Count}
		for _, u := range given.Users {
			r.users = append(r.users, int64(u.ID))
		}
		slices.Sort(r.users)
		s.reactions[given.Emoji] = r
	}
	return s
}

func (r *run) readMarks(ctx context.Context, n *node, p *person) error {
	var list struct {
		Rooms []client.Room `json:"rooms"`
	}
	if err := p.http.call(ctx, n.gate, http.MethodGet, "/rooms", nil, &list); err != nil {
		return fmt.Errorf("prove: reading marks: %w", err)
	}
	marks := map[int64]int64{}
	for _, room := range list.Rooms {
		if room.Joined {
			marks[int64(room.ID)] = int64(room.ReadSeq)
		}
	}
	r.final.reads[p.id] = marks
	return nil
}

// hearAgain resumes at a node as somebody who was away for as long as a
// resume allows.
func (r *run) hearAgain(ctx context.Context, n *node) error {
	history, err := r.newHistory(fmt.Sprintf("latecomer-%d", n.number))
	if err != nil {
		return err
	}
	l := newListener(history, r.admin.token, []*node{n}, rand.New(rand.NewPCG(r.Seed, 4000)), &tally{epoch: r.tally.epoch})
	for _, f := range r.final.rooms {
		l.cursors[f.id] = max(0, f.head-replayed)
	}
	hearing, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { l.run(hearing) })
	err = eventually(ctx, "a latecomer has heard everything", func() bool {
		return !slices.ContainsFunc(r.final.rooms, func(f finalRoom) bool { return l.at(f.id) < f.head })
	})
	stop()
	running.Wait()
	if err != nil && ctx.Err() == nil {
		r.found(kindLost, "who resumes at node %d does not hear everything within %v", n.number, patience)
		return nil
	}
	return err
}
