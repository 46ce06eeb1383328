// Package testkit holds what tests of several packages begin with: which
// services a run may not do without, and the server as a program of its own.
// Its folders start real Redis and PostgreSQL servers.
package testkit

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Missing skips the test for want of a service, or fails it if the environment
// variable PARLEY_TEST_REQUIRE (a comma list) names the service. why tells what
// was looked for.
func Missing(t testing.TB, service, why string) {
	t.Helper()
	if slices.Contains(strings.Split(os.Getenv("PARLEY_TEST_REQUIRE"), ","), service) {
		t.Fatalf("%s is required: %s", service, why)
	}
	t.Skipf("%s: %s", service, why)
}

// Program gives the server: the one that the environment variable
// PARLEY_PROGRAM names, or one built from this tree into a folder of the test.
func Program(t testing.TB) string {
	t.Helper()
	if named := os.Getenv("PARLEY_PROGRAM"); named != "" {
		return named
	}
	path := filepath.Join(t.TempDir(), "parley")
	out, err := exec.Command("go", "build", "-o", path, "github.com/parley-chat/parley/cmd/parley").CombinedOutput()
	if err != nil {
		t.Fatalf("building the server: %v\n%s", err, out)
	}
	return path
}
