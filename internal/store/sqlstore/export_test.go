package sqlstore

import (
	"context"
	"maps"
	"slices"
)

// Statements gives the texts that were prepared so far, as the engine got
// them. The store must be closed: the writer's are its goroutine's own.
func (s *Store) Statements() []string {
	texts := slices.Collect(maps.Keys(s.d.(*sqliteDialect).reading.byText))
	texts = append(texts, s.committer.prepared...)
	for i, text := range texts {
		texts[i] = s.d.rewrite(text)
	}
	return texts
}

// BreakCommits makes every COMMIT look failed after it was done, until the
// returned function is called.
func (s *Store) BreakCommits(err error) (mend func()) {
	s.committer.broken.Store(&err)
	return func() { s.committer.broken.Store(nil) }
}

// OnWriter runs statements on the writer's connection.
func (s *Store) OnWriter(ctx context.Context, statements ...string) error {
	return s.write(ctx, job{exclusive: true, run: func(t *tx) error {
		for _, text := range statements {
			if err := run(t, text); err != nil {
				return err
			}
		}
		return nil
	}})
}

// Purged reports whether nothing is left of deleted rooms.
func (s *Store) Purged(ctx context.Context) (bool, error) {
	return scanOne[bool](s.direct(ctx).row(`SELECT NOT EXISTS (SELECT 1 FROM rooms WHERE deleted AND NOT purged)
		AND NOT EXISTS (SELECT 1 FROM messages m JOIN rooms r ON r.id = m.room_id WHERE r.deleted)
		AND NOT EXISTS (SELECT 1 FROM changes c JOIN rooms r ON r.id = c.room_id WHERE r.deleted)`))
}

// PostgresStatements gives the texts that were run so far, as the engine got
// them: those shared with SQLite, and those of groups.
func (s *Store) PostgresStatements(ctx context.Context) (texts []string, err error) {
	s.d.(*postgres).texts.Range(func(_, w any) bool {
		texts = append(texts, w.(wording).text)
		return true
	})
	err = s.write(ctx, job{numbers: true, run: func(t *tx) error {
		ofGroups, err := collect(t, scanOne[string], "SELECT statement FROM pg_prepared_statements")
		texts = append(texts, ofGroups...)
		return err
	}})
	return texts, err
}
