package transfer

import (
	"context"
	"fmt"
	"sync"
)

// meter tells how far something is. Several goroutines may use it.
type meter struct {
	what     string
	progress Progress

	mu    sync.Mutex
	total int64 // guarded by mu
	done  int64 // guarded by mu
}

// measure adds all rows of the tables to what there is to do.
func (m *meter) measure(ctx context.Context, s Source, tables []Table) error {
	for _, t := range tables {
		n, err := s.Count(ctx, t)
		if err != nil {
			return fmt.Errorf("table %s: %w", t.Name, err)
		}
		m.mu.Lock()
		m.total += n
		m.mu.Unlock()
	}
	return nil
}

// add notes that rows of a table were done.
func (m *meter) add(t Table, rows int) {
	m.mu.Lock()
	m.done += int64(rows)
	done, total := m.done, max(m.done, m.total)
	m.mu.Unlock()
	m.progress(fmt.Sprintf("%s %s: %d of %d rows (%d %%)", m.what, t.Name, done, total, 100*done/total))
}
