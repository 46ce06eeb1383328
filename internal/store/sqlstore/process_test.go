package sqlstore_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
	"github.com/parley-chat/parley/internal/store/sqlstore"
)

// childDir names the directory, or the address of the database, in which a
// copy of the test program sends.
const childDir = "PARLEY_TEST_SEND_IN"

// stopSignal makes a process hang.
const stopSignal = syscall.SIGSTOP

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		fmt.Fprintln(os.Stderr, sendForEver(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// sendForEver opens the store and posts, printing each number that was
// acknowledged, until it is killed.
func sendForEver(dir string) error {
	ctx := context.Background()
	o := sqlstore.Options{Path: filepath.Join(dir, "parley.db")}
	if strings.Contains(dir, "://") {
		o = sqlstore.Options{URL: dir}
	}
	s, err := sqlstore.Open(ctx, o)
	if err != nil {
		return err
	}
	for n := 0; ; n++ {
		key := fmt.Sprintf("%d-%d", os.Getpid(), n)
		done, err := store.AppendWait(ctx, s, 1, 1, chat.PostMessage{Draft: chat.Draft{Key: key, Text: key}})
		if err != nil {
			return err
		}
		fmt.Println(done.Event.Seq, key)
	}
}

// startSender starts a copy of the test program that sends in dir.
func startSender(t *testing.T, dir string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childDir+"="+dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	child.Stderr = os.Stderr
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = child.Process.Kill(); _ = child.Wait() })
	return child, bufio.NewScanner(out)
}

func TestASecondStoreOnTheDirectoryIsRefused(t *testing.T) {
	h := newHall(t, sqlstore.Options{})
	_, err := sqlstore.Open(context.Background(), sqlstore.Options{Path: h.file("parley.db")})
	if !errors.Is(err, sqlstore.ErrInUse) || !strings.Contains(err.Error(), h.dir) {
		t.Fatalf("in this process: got %v, want ErrInUse with the directory", err)
	}
	_, err = h.say("undisturbed")
	h.must(err)
	h.must(h.Close())
	_, lines := startSender(t, h.dir)
	lines.Scan()
	_, err = sqlstore.Open(context.Background(), sqlstore.Options{Path: h.file("parley.db")})
	if !errors.Is(err, sqlstore.ErrInUse) {
		t.Errorf("beside another process: got %v, want ErrInUse", err)
	}
}

func TestNothingAcknowledgedIsLostWhenTheProcessIsKilled(t *testing.T) {
	h := newHall(t, sqlstore.Options{})
	epoch := h.Epoch()
	h.must(h.Close())
	acknowledged := map[chat.Seq]string{}
	for range 5 {
		child, lines := startSender(t, h.dir)
		for n := 0; lines.Scan(); n++ {
			var seq chat.Seq
			var key string
			_, err := fmt.Sscan(lines.Text(), &seq, &key)
			h.must(err)
			acknowledged[seq] = key
			if n == 50 {
				h.must(child.Process.Kill())
			}
		}
		_ = child.Wait()
	}
	h.Store = open(t, h.dir, sqlstore.Options{})
	events := h.dense()
	for seq, key := range acknowledged {
		if events[seq-1].Message.Key != key {
			t.Errorf("event %d is %q, acknowledged was %q", seq, events[seq-1].Message.Key, key)
		}
	}
	if len(acknowledged) < 250 || h.Epoch() != epoch {
		t.Errorf("%d acknowledged; epoch %q after %q", len(acknowledged), h.Epoch(), epoch)
	}
}
