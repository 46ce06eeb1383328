package sqlstore_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/store"
	"github.com/parley-chat/parley/internal/store/sqlstore"
	"github.com/parley-chat/parley/internal/store/storetest"
	"github.com/parley-chat/parley/internal/testkit/postgrestest"
)

// openPostgres opens a node's store on the database; the caller closes it.
func openPostgres(t testing.TB, url string, o sqlstore.Options) *sqlstore.Store {
	t.Helper()
	o.URL = url
	s, err := sqlstore.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestPostgreSQLKeepsTheContract(t *testing.T) {
	var mu sync.Mutex
	databases := map[string]string{}
	storetest.Run(t, func(t *testing.T, place string, clock func() time.Time) store.Store {
		t.Helper()
		mu.Lock()
		defer mu.Unlock()
		if databases[place] == "" {
			databases[place] = postgrestest.Database(t)
		}
		s := openPostgres(t, databases[place], sqlstore.Options{Clock: clock})
		t.Cleanup(func() { s.Close() })
		return s
	})
}
