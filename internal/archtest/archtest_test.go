package archtest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/archtest"
)

const (
	module = "github.com/parley-chat/parley"
	root   = "../.."
)

func loadRepository(t *testing.T) []archtest.File {
	t.Helper()
	files, err := archtest.Load(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatal("found no Go file: the test looks in the wrong place")
	}
	return files
}

func report(t *testing.T, violations []string) {
	t.Helper()
	for _, violation := range violations {
		t.Error(violation)
	}
}

func TestPackagesImportOnlyWhatArchitectureAllows(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	table, err := archtest.ParseTable(string(page))
	if err != nil {
		t.Fatal(err)
	}
	report(t, archtest.CheckImports(loadRepository(t), table, module))
}

func TestFunctionsFilesAndPackagesStaySmall(t *testing.T) {
	files := loadRepository(t)
	shipped, tests := archtest.Measure(files, false), archtest.Measure(files, true)
	t.Logf("code: %v", shipped)
	t.Logf("tests: %v", tests)
	report(t, archtest.CheckSizes(shipped))
	report(t, archtest.CheckTestSizes(tests))
}

func TestNamesSayWhatThingsAre(t *testing.T) {
	report(t, archtest.CheckNames(loadRepository(t)))
}

func TestNoTestSleeps(t *testing.T) {
	report(t, archtest.CheckSleeps(loadRepository(t)))
}

func TestTrackedFilesAreShortAndNameNoMachine(t *testing.T) {
	list, err := exec.Command("git", "-C", root, "ls-files", "-z").Output()
	if err != nil {
		t.Skip("not a git checkout: ", err)
	}
	for name := range strings.SplitSeq(strings.Trim(string(list), "\x00"), "\x00") {
		content, err := os.ReadFile(filepath.Join(root, name))
		if os.IsNotExist(err) {
			continue // deleted, but not yet committed
		}
		if err != nil {
			t.Error(err)
			continue
		}
		report(t, archtest.CheckText(name, content))
		report(t, archtest.CheckLength(name, content))
	}
}
