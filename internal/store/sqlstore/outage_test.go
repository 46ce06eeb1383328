package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
	"github.com/parley-chat/parley/internal/store/sqlstore"
	"github.com/parley-chat/parley/internal/testkit/postgrestest"
)

// chatter sends numbered messages on both nodes in turn while bad things
// happen, each again with the same key until it is acknowledged.
type chatter struct {
	c    *nodes
	user chat.User
	acks map[chat.Seq]string
}

// run sends until stop is closed, and at least a few. A message that fails
// is tried on the other node.
func (p *chatter) run(ctx context.Context, stop chan struct{}) error {
	for n := 0; ; n++ {
		select {
		case <-stop:
			return nil
		default:
		}
		text := fmt.Sprintf("%s %06d", p.user.Username, n)
		for try := 0; ; try++ {
			done, err := store.AppendWait(ctx, p.c.node(try), p.user.ID, p.c.room, say(text))
			if err == nil {
				p.acks[done.Message.Seq] = text
				break
			}
			if !errors.Is(err, chat.ErrUnavailable) || ctx.Err() != nil {
				return fmt.Errorf("%s: %w", text, err)
			}
			<-time.After(20 * time.Millisecond)
		}
	}
}

// during lets people chat while something happens, and checks that whatever
// was acknowledged is in the log, once, under its number.
func (c *nodes) during(happens func()) {
	c.t.Helper()
	people := make([]*chatter, 6)
	for i := range people {
		people[i] = &chatter{c: c, user: c.member(fmt.Sprintf("chatter%d-%d", len(c.dense()), i), c.room), acks: map[chat.Seq]string{}}
	}
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute)
	defer cancel()
	stop := make(chan struct{})
	var all sync.WaitGroup
	for _, p := range people {
		all.Go(func() {
			if err := p.run(ctx, stop); err != nil {
				c.t.Error(err)
			}
		})
	}
	happens()
	close(stop)
	all.Wait()
	c.keptOnce(people)
}

func (c *nodes) keptOnce(people []*chatter) {
	c.t.Helper()
	count := map[string]int{}
	byNumber := map[chat.Seq]string{}
	for _, ev := range c.dense() {
		if ev.Kind == chat.MessageCreated {
			count[ev.Message.Text]++
			byNumber[ev.Seq] = ev.Message.Text
		}
	}
	for _, p := range people {
		if len(p.acks) == 0 {
			c.t.Errorf("%s said nothing", p.user.Username)
		}
		for seq, text := range p.acks {
			if byNumber[seq] != text || count[text] != 1 {
				c.t.Errorf("acknowledged as %d: %q; there is %q, and %d of it", seq, text, byNumber[seq], count[text])
			}
		}
	}
}

// answers waits until both nodes take messages again, and gives how long
// that took.
func (c *nodes) answers() time.Duration {
	c.t.Helper()
	began := time.Now()
	for i, s := range c.each {
		eventually(c.t, func() bool {
			_, err := store.AppendWait(c.t.Context(), s, c.ann.ID, c.room, say(fmt.Sprint("node ", i, time.Now())))
			_, errRead := s.User(c.t.Context(), c.ann.ID)
			return err == nil && errRead == nil
		})
	}
	return time.Since(began)
}

func TestNothingAcknowledgedIsLostWhenTheServerRestarts(t *testing.T) {
	server := postgrestest.Start(t)
	c := newNodes(t, server.Database(t), 2)
	for _, mode := range []postgrestest.Mode{postgrestest.Fast, postgrestest.Immediate, postgrestest.Crash} {
		c.during(func() {
			c.answers()
			server.Stop(t, mode)
			c.failsFast()
			server.Run(t)
			if took := c.answers(); took > 5*time.Second {
				t.Errorf("after %v it took %v until messages were taken again", mode, took)
			}
		})
	}
}

// failsFast checks that reads and writes are refused at once while the
// database is away.
func (c *nodes) failsFast() {
	c.t.Helper()
	for _, s := range c.each {
		eventually(c.t, func() bool { return s.Ping(c.t.Context()) != nil })
		began := time.Now()
		for range 100 {
			_, errRead := s.User(c.t.Context(), c.ann.ID)
			errWrite := s.SetSetting(c.t.Context(), "name", "value")
			_, errSend := store.AppendWait(c.t.Context(), s, c.ann.ID, c.room, say("nobody is there"))
			for _, err := range []error{errRead, errWrite, errSend} {
				if !errors.Is(err, chat.ErrUnavailable) {
					c.t.Fatalf("got %v, want unavailable", err)
				}
			}
		}
		if took := time.Since(began); took > 5*time.Second {
			c.t.Errorf("300 refusals took %v", took)
		}
	}
}

func TestAFrozenServerMakesCallsFailInTimeAndLosesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits for deadlines")
	}
	server := postgrestest.Start(t)
	c := newNodes(t, server.Database(t), 2)
	c.during(func() {
		c.answers()
		server.Freeze(t)
		began := time.Now()
		if _, err := c.each[0].User(t.Context(), c.ann.ID); !errors.Is(err, chat.ErrUnavailable) {
			t.Errorf("got %v, want unavailable", err)
		}
		if took := time.Since(began); took > 12*time.Second {
			t.Errorf("a call took %v", took)
		}
		c.failsFast()
		server.Thaw(t)
		if took := c.answers(); took > 5*time.Second {
			t.Errorf("it took %v until messages were taken again", took)
		}
	})
}

func TestACommitCutFromItsAnswerIsDecidedByTheRetry(t *testing.T) {
	server := postgrestest.Start(t)
	proxy := server.NewProxy(t)
	c := newNodes(t, proxy.URL(server.Database(t)), 2)
	proxy.CutCommits(1)
	if _, err := c.say("cut"); !errors.Is(err, chat.ErrUnavailable) {
		t.Fatalf("got %v, want unavailable", err)
	}
	eventually(t, func() bool { return c.each[1].Ping(t.Context()) == nil })
	again, err := store.AppendWait(t.Context(), c.each[1], c.ann.ID, c.room, say("cut"))
	if err == nil && !again.Repeated { // the store's say makes keys as the hall's
		t.Error("the message was not committed: the test cuts at the wrong place")
	}
	c.must(err)
	if told := c.heard[0].seqs[c.room]; len(told) != 1 {
		t.Errorf("told of %v, want nothing of unknown outcome", told)
	}
	c.during(func() {
		proxy.CutCommits(20)
		eventually(t, func() bool { return proxy.CommitsToCut() == 0 })
		c.answers()
	})
}

func TestConnectionsThatAreCutAreReplaced(t *testing.T) {
	server := postgrestest.Start(t)
	proxy := server.NewProxy(t)
	c := newNodes(t, proxy.URL(server.Database(t)), 2)
	c.during(func() {
		for range 10 {
			proxy.Cut()
			c.answers()
		}
	})
}

func TestAJobWhoseCommitWasCutIsUnavailable(t *testing.T) {
	server := postgrestest.Start(t)
	proxy := server.NewProxy(t)
	c := newNodes(t, proxy.URL(server.Database(t)), 1)
	proxy.CutCommits(1)
	if err := c.SetSetting(t.Context(), "name", "value"); !errors.Is(err, chat.ErrUnavailable) {
		t.Errorf("got %v, want unavailable", err)
	}
}

func TestAnOpenWithoutADatabaseFailsInTime(t *testing.T) {
	server := postgrestest.Start(t)
	url := server.Database(t)
	server.Stop(t, postgrestest.Fast)
	began := time.Now()
	if s, err := sqlstore.Open(t.Context(), sqlstore.Options{URL: url}); err == nil {
		s.Close()
		t.Error("it was opened")
	}
	server.Run(t)
	server.Freeze(t)
	defer server.Thaw(t)
	if s, err := sqlstore.Open(t.Context(), sqlstore.Options{URL: url}); err == nil {
		s.Close()
		t.Error("a frozen one was opened")
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestAFullTableSpaceIsToldAndEndsByItself(t *testing.T) {
	server := postgrestest.Start(t)
	url := server.Database(t)
	c := newNodes(t, url, 1)
	var raised atomic.Bool
	raise := `CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$`
	c.must(c.OnWriter(t.Context(), raise, "CREATE TRIGGER full_disk BEFORE INSERT ON messages EXECUTE FUNCTION full_disk()"))
	_, err := c.say("there is no space")
	raised.Store(errors.Is(err, chat.ErrStorageFull))
	c.must(c.OnWriter(t.Context(), "DROP TRIGGER full_disk ON messages"))
	if !raised.Load() {
		t.Errorf("got %v, want storage full", err)
	}
	_, err = c.say("there is space again")
	c.must(err)
}

func TestANodeKilledInATransactionHoldsUpTheOthersForSecondsOnly(t *testing.T) {
	url := postgrestest.Database(t)
	c := newNodes(t, url, 2)
	child, lines := startSender(t, url)
	lines.Scan()
	for range 40 {
		lines.Scan()
	}
	c.must(child.Process.Kill())
	if took := c.answers(); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
	c.dense()
}

func TestAFrozenNodeHoldsUpTheOthersForSecondsOnly(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits for deadlines")
	}
	url := postgrestest.Database(t)
	c := newNodes(t, url, 1)
	child, lines := startSender(t, url)
	for range 40 {
		lines.Scan()
	}
	c.must(child.Process.Signal(stopSignal))
	c.during(func() { c.answers() })
	c.must(child.Process.Signal(os.Kill))
}
