package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// summarizeGo runs the program on the events of a go test run and returns
// what it printed, the counts it wrote and its error.
func summarizeGo(t *testing.T, events ...string) (printed, counts string, err error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "counts")
	var out strings.Builder
	err = run([]string{"go", file}, strings.NewReader(strings.Join(events, "\n")), &out)
	content, readErr := os.ReadFile(file)
	if readErr != nil && !os.IsNotExist(readErr) {
		t.Fatal(readErr)
	}
	return out.String(), strings.TrimSpace(string(content)), err
}

func TestSubtestsAreCountedInsteadOfTheirParent(t *testing.T) {
	_, counts, err := summarizeGo(t,
		`{"Action":"pass","Package":"p","Test":"TestA/x"}`,
		`{"Action":"skip","Package":"p","Test":"TestA/y"}`,
		`{"Action":"pass","Package":"p","Test":"TestA"}`,
		`{"Action":"pass","Package":"p","Elapsed":0.1}`)
	if counts != "1 0 1" || err != nil {
		t.Errorf("got %q and %v, want 1 0 1 and no error", counts, err)
	}
}

func TestAFailureIsPrintedInFullAndIsAnError(t *testing.T) {
	printed, counts, err := summarizeGo(t,
		`{"Action":"output","Package":"p","Test":"TestA","Output":"a.go:1: wrong\n"}`,
		`{"Action":"fail","Package":"p","Test":"TestA"}`,
		`{"Action":"fail","Package":"p"}`)
	if counts != "0 1 0" || err == nil || !strings.Contains(printed, "a.go:1: wrong") {
		t.Errorf("got %q, %v and %q", counts, err, printed)
	}
}

func TestAPackageThatDiesCountsAsFailedAndShowsItsOutput(t *testing.T) {
	printed, counts, err := summarizeGo(t,
		`{"Action":"output","Package":"p","Test":"TestA","Output":"panic: oh\n"}`,
		`{"Action":"fail","Package":"p"}`,
		`{"Action":"build-output","ImportPath":"q","Output":"q.go:1: undefined\n"}`,
		`{"Action":"fail","Package":"q"}`)
	if counts != "0 2 0" || err == nil || !strings.Contains(printed, "panic: oh") || !strings.Contains(printed, "undefined") {
		t.Errorf("got %q, %v and %q", counts, err, printed)
	}
}

func TestASkippedTestSaysWhy(t *testing.T) {
	printed, _, _ := summarizeGo(t,
		`{"Action":"output","Package":"p","Test":"TestA","Output":"=== RUN   TestA\n"}`,
		`{"Action":"output","Package":"p","Test":"TestA","Output":"    a.go:1: no compiler\n"}`,
		`{"Action":"output","Package":"p","Test":"TestA","Output":"level=INFO msg=stopping\n"}`,
		`{"Action":"skip","Package":"p","Test":"TestA"}`)
	if !strings.Contains(printed, "skip  p TestA: a.go:1: no compiler") {
		t.Errorf("got %q", printed)
	}
}

func TestARunWithoutTestsIsAnError(t *testing.T) {
	if printed, counts, err := summarizeGo(t, "go: broken"); err == nil || printed != "go: broken" {
		t.Errorf("got %q, %q and %v", printed, counts, err)
	}
}

func TestResultsOfTheBrowserSuitesAreCounted(t *testing.T) {
	for _, c := range []struct {
		read   func([]byte) (count, error)
		result string
		want   count
	}{
		{vitest, `{"success":true,"numPassedTests":3,"numPendingTests":1,"numTodoTests":1}`, count{3, 0, 2}},
		{vitest, `{"success":false,"numPassedTests":3,"numFailedTestSuites":2}`, count{3, 2, 0}},
		{playwright, `{"stats":{"expected":4,"unexpected":1,"flaky":1,"skipped":2}}`, count{4, 2, 2}},
		{playwright, `{"stats":{"expected":4},"errors":[{"message":"no such file"}]}`, count{4, 1, 0}},
	} {
		if got, err := c.read([]byte(c.result)); got != c.want || err != nil {
			t.Errorf("%s: got %v and %v, want %v", c.result, got, err, c.want)
		}
	}
}

func TestAnythingElseIsNoResult(t *testing.T) {
	for _, content := range []string{"", "{}", "[]"} {
		if _, err := vitest([]byte(content)); err == nil {
			t.Errorf("vitest took %q for a result", content)
		}
		if _, err := playwright([]byte(content)); err == nil {
			t.Errorf("playwright took %q for a result", content)
		}
	}
}
