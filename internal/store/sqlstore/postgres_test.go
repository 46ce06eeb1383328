package sqlstore_test

import (
	"context"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

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
	seen := &overheard{texts: map[string]bool{}}
	empty := postgrestest.Database(t)
	openPostgres(t, empty, sqlstore.Options{}).Close()
	storetest.Run(t, func(t *testing.T, place string, clock func() time.Time) store.Store {
		t.Helper()
		mu.Lock()
		defer mu.Unlock()
		if databases[place] == "" {
			databases[place] = postgrestest.Copy(t, empty) // the tables are there already
		}
		return &observed{Store: openPostgres(t, databases[place], sqlstore.Options{Clock: clock}), seen: seen}
	})
	t.Run("no statement walks through a table that grows", func(t *testing.T) { seen.checkPlans(t) })
}

// overheard are the statements of the whole suite.
type overheard struct {
	mu    sync.Mutex
	texts map[string]bool // guarded by mu
}

// observed is a store whose statements are taken down when it is closed.
type observed struct {
	*sqlstore.Store
	seen *overheard
}

func (o *observed) Close() error {
	texts, _ := o.PostgresStatements(context.Background()) // closed already: nothing new
	o.seen.mu.Lock()
	for _, text := range texts {
		o.seen.texts[text] = true
	}
	o.seen.mu.Unlock()
	return o.Store.Close()
}

// Tables that grow with use. Others are small, or are listed as a whole.
var walked = regexp.MustCompile(`Seq Scan on (messages|changes|reactions|mentions|members|imports|sessions)\b.*`)

var argument = regexp.MustCompile(`\$\d+`)

// checkPlans asks PostgreSQL how it would run the statements when it may not
// walk through a table, as long as there is another way.
func (o *overheard) checkPlans(t *testing.T) {
	url := postgrestest.Database(t)
	openPostgres(t, url, sqlstore.Options{}).Close()
	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off", "plan_cache_mode": "force_generic_plan",
	} {
		config.RuntimeParams[name] = value
	}
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if len(o.texts) < 60 {
		t.Errorf("only %d statements were seen", len(o.texts))
	}
	for text := range o.texts {
		if plan := explain(t, conn, text); walked.MatchString(plan) {
			t.Errorf("%s\nin: %s", walked.FindString(plan), text)
		}
	}
}

// explain gives the plan of a statement with any arguments.
func explain(t *testing.T, conn *pgx.Conn, text string) string {
	t.Helper()
	if !regexp.MustCompile(`^(SELECT|INSERT|UPDATE|DELETE)`).MatchString(text) || strings.Contains(text, "pg_") {
		return ""
	}
	arguments := map[string]bool{}
	for _, one := range argument.FindAllString(text, -1) {
		arguments[one] = true
	}
	execute := "EXECUTE asked"
	if n := len(arguments); n > 0 {
		execute += "(NULL" + strings.Repeat(", NULL", n-1) + ")"
	}
	results, err := conn.PgConn().Exec(t.Context(), "PREPARE asked AS "+text+"; EXPLAIN "+execute+"; DEALLOCATE asked").ReadAll()
	if err != nil {
		t.Errorf("%s: %v", text, err)
		return ""
	}
	var plan strings.Builder
	for _, row := range results[1].Rows {
		plan.Write(row[0])
		plan.WriteByte('\n')
	}
	return plan.String()
}
