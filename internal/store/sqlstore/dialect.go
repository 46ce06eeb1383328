package sqlstore

import (
	"context"
	"database/sql"
	"errors"
)

// errDefect marks what can only be a mistake of ours or a damaged database.
var errDefect = errors.New("sqlstore: defect")

// dialect is what differs between the database engines. The SQL texts are
// shared; three spellings in them are for one engine only and are replaced
// before a statement is run:
//
//	IN ids($1)          the value is one of a list; the argument is made by ids
//	IN hashes($1)       as well, of bytes, by hashes
//	FOR NO KEY UPDATE   the rows stay locked until the transaction ends
type dialect interface {
	// rewrite gives a shared SQL text in the engine's own words.
	rewrite(query string) string
	// ids makes the argument for IN ids($1).
	ids(list []int64) any
	// hashes makes the argument for IN hashes($1).
	hashes(list [][]byte) any
	// ask gives a querier over connections that read; in a transaction of
	// them if tx is not nil.
	ask(ctx context.Context, tx *sql.Tx) querier
	// snapshot starts a reading transaction that sees one state.
	snapshot(ctx context.Context) (*sql.Tx, error)
	// writer opens the connection of a committer.
	writer(ctx context.Context) (*tx, error)
	// outlived reports whether the database has another history by now than
	// the writer's connection found.
	outlived(t *tx) bool
	// begin starts a writing transaction, and may read at once what the
	// group will ask for.
	begin(t *tx, group []work) error
	// commit writes what was kept back and ends the transaction. After an
	// error it is refused, with nothing stored and still to be rolled back, or
	// its outcome is not known.
	commit(t *tx) (refused bool, err error)
	// shared reports whether other processes write too: then nothing that was
	// read may be remembered beyond the transaction.
	shared() bool
	// gate lets one transaction at a time through, until it ends. It guards
	// rules about many rows: there is a first account, and a last
	// administrator.
	gate(t *tx) error
	// again reports whether a transaction that met err left nothing, and may
	// succeed when it is tried once more at once.
	again(err error) bool
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
