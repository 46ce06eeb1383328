package transfer_test

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver

	"github.com/parley-chat/parley/internal/store/sqlstore"
	"github.com/parley-chat/parley/internal/transfer"
)

// catalogue is what an engine says of one table.
type catalogue struct {
	columns []string // in order
	keys    []string // of the primary key, in order
	counted bool
}

// Tables that are the migrations' own.
const versions = "goose_db_version"

const (
	sqliteColumns = `SELECT m.name, c.name, '' FROM sqlite_master m, pragma_table_info(m.name) c
		WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY m.name, c.cid`
	sqliteKeys = `SELECT m.name, c.name, CASE WHEN m.sql LIKE '%AUTOINCREMENT%' THEN 'counted' ELSE '' END
		FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND c.pk > 0 ORDER BY m.name, c.pk`
	sqliteReferences = `SELECT m.name, f."table", '' FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'`

	postgresColumns = `SELECT table_name::text, column_name::text, '' FROM information_schema.columns
		WHERE table_schema = 'public' ORDER BY table_name, ordinal_position`
	postgresKeys = `SELECT i.indrelid::regclass::text, a.attname::text, CASE WHEN a.attidentity <> '' THEN 'counted' ELSE '' END
		FROM pg_index i, unnest(i.indkey) WITH ORDINALITY k(number, place), pg_attribute a
		WHERE i.indisprimary AND a.attrelid = i.indrelid AND a.attnum = k.number
		AND i.indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace) ORDER BY 1, k.place`
	postgresReferences = `SELECT conrelid::regclass::text, confrelid::regclass::text, '' FROM pg_constraint WHERE contype = 'f'`
)

// triples runs a question for three texts.
func triples(t *testing.T, db *sql.DB, query string) (list [][3]string) {
	t.Helper()
	rows, err := db.Query(query)
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		var r [3]string
		must(t, rows.Scan(&r[0], &r[1], &r[2]))
		list = append(list, r)
	}
	must(t, rows.Err())
	return list
}

func read(t *testing.T, db *sql.DB, columns, keys string) map[string]*catalogue {
	t.Helper()
	found := map[string]*catalogue{}
	for _, r := range triples(t, db, columns) {
		if found[r[0]] == nil {
			found[r[0]] = &catalogue{}
		}
		found[r[0]].columns = append(found[r[0]].columns, r[1])
	}
	for _, r := range triples(t, db, keys) {
		if c := found[r[0]]; c != nil {
			c.keys, c.counted = append(c.keys, r[1]), r[2] != ""
		}
	}
	delete(found, versions)
	return found
}

// unlike tells where the list of what is copied is not what is there.
func unlike(found map[string]*catalogue) (complaints []string) {
	for _, t := range transfer.Schema() {
		c := found[t.Name]
		delete(found, t.Name)
		if c == nil {
			complaints = append(complaints, "there is no table "+t.Name)
			continue
		}
		var columns []string
		for _, column := range t.Columns {
			columns = append(columns, column.Name)
		}
		if want := fmt.Sprint(c.columns, c.keys, c.counted); want != fmt.Sprint(columns, columns[:t.Keys], t.Counted) {
			complaints = append(complaints, fmt.Sprintf("table %s has columns, keys, counted: %s", t.Name, want))
		}
	}
	for name := range found {
		complaints = append(complaints, "table "+name+" is not copied")
	}
	slices.Sort(complaints)
	return complaints
}

func TestEverythingInTheDatabaseIsCopied(t *testing.T) {
	for _, c := range []struct {
		driver, columns, keys, references string
		place                             sqlstore.Options
	}{
		{"sqlite", sqliteColumns, sqliteKeys, sqliteReferences, file(t)},
		{"pgx", postgresColumns, postgresKeys, postgresReferences, server(t)},
	} {
		must(t, serve(t, c.place).Close())
		db, err := sql.Open(c.driver, c.place.URL+c.place.Path)
		must(t, err)
		defer db.Close()
		if wrong := unlike(read(t, db, c.columns, c.keys)); len(wrong) > 0 {
			t.Errorf("%s: transfer.Schema does not know what the migrations make:\n%s", c.driver, strings.Join(wrong, "\n"))
		}
		for _, r := range triples(t, db, c.references) {
			if place(r[0]) < place(r[1]) {
				t.Errorf("%s: %s refers to %s, which is copied later", c.driver, r[0], r[1])
			}
		}
		execute(t, db, "ALTER TABLE rooms ADD COLUMN colour TEXT")
		execute(t, db, "CREATE TABLE files (id BIGINT PRIMARY KEY)")
		if wrong := unlike(read(t, db, c.columns, c.keys)); len(wrong) != 2 {
			t.Errorf("%s: a new table and a new column, and found is %q", c.driver, wrong)
		}
	}
}

// place is a table's place in the order of copying.
func place(name string) int {
	return slices.IndexFunc(transfer.Schema(), func(t transfer.Table) bool { return t.Name == name })
}
