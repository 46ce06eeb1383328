package sqlstore

import (
	"context"
	"database/sql"
	"errors"
)

// errDefect marks what can only be a mistake of ours or a damaged database.
var errDefect = errors.New("sqlstore: defect")

// dialect is what differs between the database engines. The SQL texts are
// shared; two spellings in them are replaced when a statement is prepared:
//
//	IN ids($1)   the value is one of a list; the argument is made by ids
type dialect interface {
	// rewrite gives a shared SQL text in the engine's own words.
	rewrite(query string) string
	// ids makes the argument for IN ids($1).
	ids(list []int64) any
	// writer opens the one connection that writes.
	writer(ctx context.Context) (*sql.Conn, error)
	// begin is the statement that starts a writing transaction.
	begin() string
	// fault turns an error of the driver into one of the contract.
	fault(err error) error
}

// idList makes the argument for IN ids($1) from ids of any type.
func idList[T ~int64](d dialect, list []T) any {
	ids := make([]int64, len(list))
	for i, id := range list {
		ids[i] = int64(id)
	}
	return d.ids(ids)
}
