package prove

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/parley-chat/parley/client"
)

// crowd is how many people share a room that nobody leaves.
const crowd = 10

// prepare makes people and rooms, and starts the nodes on them.
func (r *run) prepare(ctx context.Context) error {
	if err := r.makeFolders(); err != nil {
		return err
	}
	flags := r.engineFlags()
	tokens, err := r.makePeople(ctx, flags)
	if err != nil {
		return err
	}
	if err := r.startNodes(ctx, flags); err != nil {
		return err
	}
	r.admin = newCaller(tokens[0])
	admin, err := r.signIn(ctx, r.admin)
	if err != nil {
		return err
	}
	r.adminID = int64(admin.ID)
	if err := r.makeRooms(ctx); err != nil {
		return err
	}
	history, err := r.newHistory("witness")
	if err != nil {
		return err
	}
	r.witness = r.newListener(history, tokens[0], 0)
	for i, token := range tokens[1:] {
		if err := r.addPerson(ctx, i, token); err != nil {
			return err
		}
	}
	return nil
}

// engineFlags are those of serve and demo that name the engines.
func (r *run) engineFlags() map[string]string {
	flags := map[string]string{}
	for _, e := range r.engines {
		flags[map[string]string{faultRedis: "redis", faultPostgres: "database"}[e.kind]] = e.url
	}
	return flags
}

// makePeople fills the database: an administrator, and those who chat. It
// gives their tokens.
func (r *run) makePeople(ctx context.Context, flags map[string]string) ([]string, error) {
	path := filepath.Join(r.Folder, "tokens")
	args := []string{
		"demo", "--data", filepath.Join(r.Folder, "node-1"), "--tokens", path, "--plain",
		"--rooms", "0", "--messages", "0", "--users", strconv.Itoa(r.Clients + 1),
	}
	if database := flags["database"]; database != "" {
		args = append(args, "--database", database)
	}
	cmd := exec.CommandContext(ctx, r.Program, args...)
	cmd.Env = withoutSettings(os.Environ())
	if said, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("prove: making people: %w: %s", err, said)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var tokens []string
	for line := range strings.Lines(string(text)) {
		_, token, _ := strings.Cut(strings.TrimSpace(line), " ")
		tokens = append(tokens, token)
	}
	return tokens, os.Remove(path)
}

func (r *run) startNodes(ctx context.Context, flags map[string]string) error {
	var args []string
	for name, value := range flags {
		args = append(args, "--"+name, value)
	}
	for i := range r.Nodes {
		port, err := freePort(r.chance.IntN)
		if err != nil {
			return err
		}
		n, err := newNode(i+1, r.Program, r.Folder, net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), args)
		if err != nil {
			return err
		}
		r.nodes = append(r.nodes, n)
		if err := n.start(ctx); err != nil {
			return err
		}
	}
	return r.awaitRedis(ctx)
}

// answerTime is how long an engine that is given may take to answer.
const answerTime = 10 * time.Second

// awaitRedis waits until the nodes are in touch with Redis, if they are to be:
// they would go on without.
func (r *run) awaitRedis(ctx context.Context) error {
	if r.Redis == "" {
		return nil
	}
	limited, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	for _, n := range r.nodes {
		err := eventually(limited, "Redis is used", func() bool { return n.says(limited, "/readyz", `"redis":"ok"`) })
		if err != nil {
			return errors.Join(ctx.Err(), &OptionError{"redis", "does not answer, or refuses the nodes."})
		}
	}
	return nil
}

// makeRooms makes some that everybody stays in, and two, one of them private,
// where people come and go.
func (r *run) makeRooms(ctx context.Context) error {
	steady := max(2, r.Clients/crowd)
	for i := range steady + 2 {
		room := &room{private: i == steady+1, comes: i >= steady}
		var made client.Room
		body := map[string]any{"name": fmt.Sprintf("Room %d", i+1), "private": room.private}
		if err := r.admin.call(ctx, r.nodes[0].gate, http.MethodPost, "/rooms", body, &made); err != nil {
			return fmt.Errorf("prove: making a room: %w", err)
		}
		room.id, r.tally.epoch = int64(made.ID), made.Epoch
		r.rooms = append(r.rooms, room)
	}
	return nil
}

// newListener hears its rooms from their first event on.
func (r *run) newListener(h *history, token string, number uint64) *listener {
	l := newListener(h, token, r.nodes, rand.New(rand.NewPCG(r.Seed, 1000+number)), r.tally)
	for _, room := range r.rooms {
		l.cursors[room.id] = 0
	}
	return l
}

// addPerson brings somebody into the rooms: one of those that everybody
// stays in, often the open one, and the private one for a third; another
// third only ever peeks into that.
func (r *run) addPerson(ctx context.Context, number int, token string) error {
	p := &person{
		rnd: rand.New(rand.NewPCG(r.Seed, 2000+uint64(number))), luck: rand.New(rand.NewPCG(r.Seed, 3000+uint64(number))),
		http: newCaller(token), admin: r.admin, nodes: r.nodes, tally: r.tally,
	}
	me, err := r.signIn(ctx, p.http)
	if err != nil {
		return err
	}
	p.id, p.name = int64(me.ID), me.Username
	history, err := r.newHistory(p.name)
	if err != nil {
		return err
	}
	p.listen = r.newListener(history, token, uint64(number)+1)
	steady := len(r.rooms) - 2
	p.haunts = []*haunt{
		{room: r.rooms[number%steady], in: true},
		{room: r.rooms[number%steady], in: true}, // twice as often
		{room: r.rooms[steady], in: number%2 == 0},
		{room: r.rooms[steady+1], in: number%3 == 0, never: number%3 == 1},
	}
	r.people = append(r.people, p)
	return r.enter(ctx, p)
}

// enter makes the person a member where it is to be one from the beginning.
func (r *run) enter(ctx context.Context, p *person) error {
	for _, h := range p.haunts {
		if !h.in {
			continue
		}
		if err := r.admin.call(ctx, r.nodes[0].gate, http.MethodPut, memberPath(h.id, p.id), nil, nil); err != nil {
			return fmt.Errorf("prove: letting somebody in: %w", err)
		}
	}
	return nil
}

// signIn tells whom a token belongs to.
func (r *run) signIn(ctx context.Context, c *caller) (client.User, error) {
	var me struct {
		User client.User `json:"user"`
	}
	if err := c.call(ctx, r.nodes[0].gate, http.MethodGet, "/me", nil, &me); err != nil {
		return client.User{}, fmt.Errorf("prove: signing in: %w", err)
	}
	return me.User, nil
}
