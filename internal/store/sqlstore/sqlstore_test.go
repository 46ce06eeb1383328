package sqlstore_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/store"
	"github.com/parley-chat/parley/internal/store/sqlstore"
	"github.com/parley-chat/parley/internal/store/storetest"
)

func TestSQLiteKeepsTheContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T, place string, clock func() time.Time) store.Store {
		t.Helper()
		return open(t, place, sqlstore.Options{Clock: clock})
	})
}

// open opens the database in dir; the caller closes it.
func open(t *testing.T, dir string, o sqlstore.Options) *sqlstore.Store {
	t.Helper()
	o.Path = filepath.Join(dir, "parley.db")
	s, err := sqlstore.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
