package sqlstore

import (
	"context"
	"database/sql"
	"time"
)

// How often the log is looked at when there were commits.
const checkpointEvery = time.Second

// startBackground starts the goroutines that keep the files in order; Close
// ends them.
func (s *Store) startBackground(ctx context.Context, o Options) error {
	checkpoints, err := openSQLite(o.Path, 1, writerPragmas)
	if err != nil {
		return err
	}
	s.purger = newPurger(s)
	s.purger.wake() // what a killed process left
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	s.running.Go(func() { s.keepMark(background, o.MarkEvery) })
	s.running.Go(func() { s.keepCheckpoints(background, checkpoints) })
	s.running.Go(func() { s.purger.run(background) })
	return nil
}

// keepCheckpoints copies the write-ahead log into the database, over a
// connection of its own. A commit that has to do this waits for two syncs
// of a few mebibytes; here nobody waits, because a passive checkpoint takes
// no lock that the writer needs. The writer's own limit stands behind it, for
// floods in which it never catches up.
func (s *Store) keepCheckpoints(ctx context.Context, db *sql.DB) {
	defer db.Close()
	tick := time.NewTicker(checkpointEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		select {
		case <-s.committer.written:
		default:
			continue
		}
		var busy, pages, copied int
		err := db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &pages, &copied)
		if err != nil && ctx.Err() == nil {
			s.logger.Warn("checkpoint failed", "error", err)
		}
	}
}
