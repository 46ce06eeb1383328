package main

import (
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/parley-chat/parley/internal/testkit/postgrestest"
)

// TestCopyScripts runs testdata/copy like TestScripts. $DATABASE is an empty
// database in PostgreSQL, $SECOND another; $RIGHTLESS is that one for a
// role without rights.
func TestCopyScripts(t *testing.T) {
	first, second := postgrestest.Database(t), postgrestest.Database(t)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/copy",
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("DATABASE", first)
			env.Setenv("SECOND", second)
			env.Setenv("RIGHTLESS", strings.Replace(second, "//parley@", "//postgres@", 1)+"&role=pg_monitor")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"wrong": wrong, "serving": serving, "terminate": terminate,
		},
	})
}
