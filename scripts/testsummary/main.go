// Command testsummary turns the machine-readable results of a test run into
// lines for people, and into counts for scripts/test.sh.
//
//	go test -json ./... | testsummary go COUNTS
//	testsummary vitest RESULT.json COUNTS
//	testsummary playwright RESULT.json COUNTS
//
// COUNTS is the file that gets "passed failed skipped" on one line. The exit
// code is 1 when a test failed or the results cannot be read, so that a run
// that broke off is never taken for one that passed.
package main

import (
	"fmt"
	"io"
	"os"
)

// A count is the outcome of one suite.
type count struct{ passed, failed, skipped int }

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "testsummary:", err)
		os.Exit(1)
	}
}

func run(args []string, in io.Reader, out io.Writer) error {
	total, err := summarize(args, in, out)
	if err != nil {
		return err
	}
	line := fmt.Sprintf("%d %d %d\n", total.passed, total.failed, total.skipped)
	if err := os.WriteFile(args[len(args)-1], []byte(line), 0o644); err != nil {
		return err
	}
	if total.failed > 0 {
		return fmt.Errorf("%d failed", total.failed)
	}
	return nil
}

func summarize(args []string, in io.Reader, out io.Writer) (count, error) {
	switch {
	case len(args) == 2 && args[0] == "go":
		return goTests(in, out)
	case len(args) == 3 && args[0] == "vitest":
		return fromFile(args[1], vitest)
	case len(args) == 3 && args[0] == "playwright":
		return fromFile(args[1], playwright)
	}
	return count{}, fmt.Errorf("usage: testsummary go COUNTS | vitest RESULT COUNTS | playwright RESULT COUNTS")
}

func fromFile(name string, read func([]byte) (count, error)) (count, error) {
	content, err := os.ReadFile(name)
	if err != nil {
		return count{}, err
	}
	return read(content)
}
