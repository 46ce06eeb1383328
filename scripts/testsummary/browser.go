package main

import (
	"encoding/json"
	"fmt"
)

// vitest reads what Vitest's json reporter writes.
func vitest(content []byte) (count, error) {
	var result struct {
		Success                                                       *bool
		NumPassedTests, NumFailedTests, NumPendingTests, NumTodoTests int
		NumFailedTestSuites                                           int
	}
	if err := json.Unmarshal(content, &result); err != nil {
		return count{}, err
	}
	if result.Success == nil {
		return count{}, fmt.Errorf("this is no result of vitest")
	}
	total := count{result.NumPassedTests, result.NumFailedTests, result.NumPendingTests + result.NumTodoTests}
	if !*result.Success && total.failed == 0 {
		total.failed = max(result.NumFailedTestSuites, 1) // a file that did not even load
	}
	return total, nil
}

// playwright reads what Playwright's json reporter writes. A test that passed
// only when it was tried again counts as failed.
func playwright(content []byte) (count, error) {
	var result struct {
		Stats  *struct{ Expected, Unexpected, Flaky, Skipped int }
		Errors []struct{ Message string }
	}
	if err := json.Unmarshal(content, &result); err != nil {
		return count{}, err
	}
	if result.Stats == nil {
		return count{}, fmt.Errorf("this is no result of playwright")
	}
	failed := result.Stats.Unexpected + result.Stats.Flaky + len(result.Errors)
	return count{result.Stats.Expected, failed, result.Stats.Skipped}, nil
}
