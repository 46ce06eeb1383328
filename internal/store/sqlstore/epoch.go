package sqlstore

import (
	"context"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

const (
	// epochFile lies beside the database. A backup of the database alone
	// does not bring it back, and so shows itself when it is restored.
	epochFile = "parley.epoch"
	// settingEpoch is the setting that holds the epoch: ours alone.
	settingEpoch = "epoch"
)

// mark is what the epoch file holds: the name of this history of the
// database, and how many events it had (of all rooms, deleted ones too).
type mark struct {
	Epoch     string `json:"epoch"`
	Committed int64  `json:"committed"`
}

// settleEpoch gives the database's epoch. A database that is behind its
// mark, or lies beside the mark of another history or none, may be a copy
// that was put back: it gets a new epoch, so that no client believes to know
// events of the history that is gone.
func (s *Store) settleEpoch(ctx context.Context, random io.Reader) (string, error) {
	epoch, err := s.Setting(ctx, settingEpoch)
	if err != nil && !errors.Is(err, chat.ErrNotFound) {
		return "", err
	}
	committed := s.committer.committed.Load()
	if epoch == "" || !s.knows(mark{Epoch: epoch, Committed: committed}) {
		if epoch, err = newEpoch(random); err != nil {
			return "", err
		}
		if err := s.SetSetting(ctx, settingEpoch, epoch); err != nil {
			return "", err
		}
	}
	s.writeMark(mark{Epoch: epoch, Committed: committed})
	return epoch, nil
}

// knows reports whether the mark beside the database fits what is in it.
func (s *Store) knows(found mark) bool {
	before, err := readMark(s.dir)
	if err == nil && before.Epoch == found.Epoch && before.Committed <= found.Committed {
		return true
	}
	if err != nil || before.Epoch != "" {
		s.logger.Warn("the database does not continue what was here before: clients will load everything anew",
			"events", found.Committed, "events before", before.Committed, "same epoch", before.Epoch == found.Epoch, "error", err)
	}
	return false
}

// RenewEpoch implements store.Store.
func (s *Store) RenewEpoch(ctx context.Context, gone string) error {
	if s.primary != nil {
		return s.d.fault(s.primary.renew(ctx, gone))
	}
	if gone == "" || gone != s.Epoch() {
		return nil
	}
	epoch, err := newEpoch(s.random)
	if err != nil {
		return err
	}
	if err := s.SetSetting(ctx, settingEpoch, epoch); err != nil {
		return err
	}
	s.era.known.Store(&mark{Epoch: epoch})
	s.writeMark(mark{Epoch: epoch, Committed: s.committer.committed.Load()})
	return nil
}

// recall has the primary know what this node's directory knows of it, and
// gives what keeps that up to date. Without a directory nothing is kept.
func (s *Store) recall(p *primary, o Options) (save func(mark) bool) {
	if o.Path == "" {
		return func(mark) bool { return true }
	}
	before, err := readMark(s.dir)
	switch {
	case err != nil:
		s.logger.Warn("the commit mark could not be read", "error", err)
	case before.Epoch != "":
		p.era.known.Store(&before)
	}
	return s.writeMark
}

func newEpoch(random io.Reader) (string, error) {
	var id [10]byte
	if _, err := io.ReadFull(random, id[:]); err != nil {
		return "", fmt.Errorf("sqlstore: epoch: %w", err)
	}
	return strings.ToLower(base32.StdEncoding.EncodeToString(id[:])), nil
}

// readMark gives the zero mark where there is no file.
func readMark(dir string) (m mark, err error) {
	text, err := os.ReadFile(filepath.Join(dir, epochFile))
	if errors.Is(err, os.ErrNotExist) {
		return mark{}, nil
	}
	if err != nil {
		return mark{}, fmt.Errorf("sqlstore: %w", err)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return mark{}, fmt.Errorf("sqlstore: %s: %w", epochFile, err)
	}
	return m, nil
}

// writeMark reports whether the mark was written. A full disk is no reason
// not to start: what is there can still be read.
func (s *Store) writeMark(m mark) bool {
	err := replaceMark(s.dir, m)
	if err != nil {
		s.logger.Warn("the commit mark could not be written", "error", err)
	}
	return err == nil
}

// replaceMark replaces the file in one step. It is not synced: after a crash
// of the machine an older mark is only a weaker check.
func replaceMark(dir string, m mark) error {
	text, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("sqlstore: %w", err)
	}
	path := filepath.Join(dir, epochFile)
	if err := os.WriteFile(path+".new", append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("sqlstore: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("sqlstore: %w", err)
	}
	return nil
}

// keepMark writes the mark while there are commits, at most once in every,
// and at the end. A mark that cannot be written is tried again later.
func (s *Store) keepMark(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	written := int64(-1)
	for ended := false; !ended; {
		select {
		case <-ctx.Done():
			ended = true
		case <-tick.C:
		}
		now := s.committer.committed.Load()
		if now == written {
			continue
		}
		if s.writeMark(mark{Epoch: s.Epoch(), Committed: now}) {
			written = now
		}
	}
}
