package archtest_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/parley-chat/parley/internal/archtest"
)

// parseTree loads a tree written down as path -> source.
func parseTree(t *testing.T, sources map[string]string) []archtest.File {
	t.Helper()
	tree := fstest.MapFS{}
	for name, source := range sources {
		tree[name] = &fstest.MapFile{Data: []byte(source)}
	}
	files, err := archtest.Load(tree)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func parseTable(t *testing.T, rows string) archtest.Table {
	t.Helper()
	table, err := archtest.ParseTable("# Page\n\n```imports\n" + rows + "\n```\n\n```\nother: block\n```\n")
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// expect compares the violations with the fragments that each must contain.
func expect(t *testing.T, violations []string, fragments ...string) {
	t.Helper()
	if len(violations) != len(fragments) {
		t.Fatalf("got %d violations %q, want %d", len(violations), violations, len(fragments))
	}
	for i, fragment := range fragments {
		if !strings.Contains(violations[i], fragment) {
			t.Errorf("violation %q does not contain %q", violations[i], fragment)
		}
	}
}

// function is the source of a function with a body of n lines.
func function(name string, n int) string {
	return "func " + name + "() {\n" + strings.Repeat("\tprintln()\n", n) + "}\n"
}

func TestAnImportOutsideTheTableIsReported(t *testing.T) {
	files := parseTree(t, map[string]string{
		"a/a.go":      "package a\n\nimport (\n\t\"fmt\"\n\t\"example.org/m/b\"\n\t\"example.org/m/c/d\"\n)\n",
		"a/a_test.go": "package a\n\nimport \"example.org/m/e\"\n",
		"b/b.go":      "package b\n\nimport \"example.org/m/c/d\"\n",
	})
	table := parseTable(t, "a: c/... # a comment\nb: ...")
	expect(t, archtest.CheckImports(files, table, "example.org/m"), "a/a.go:5: a may not import b")
}

func TestAPackageAndARowNeedEachOther(t *testing.T) {
	files := parseTree(t, map[string]string{"a/a.go": "package a\n"})
	expect(t, archtest.CheckImports(files, parseTable(t, "gone:"), "example.org/m"),
		"a: not in the import table", "gone: in the import table")
}

func TestABrokenTableIsAnError(t *testing.T) {
	for name, page := range map[string]string{
		"no block":  "# Page\n",
		"no colon":  "```imports\na b\n```\n",
		"row twice": "```imports\na:\na:\n```\n",
		"empty":     "```imports\n```\n",
	} {
		if table, err := archtest.ParseTable(page); err == nil {
			t.Errorf("%s: got %v, want an error", name, table)
		}
	}
}

func TestLongFunctionsAreReported(t *testing.T) {
	files := parseTree(t, map[string]string{
		"a/a.go":      "package a\n\n" + function("short", 13) + function("long", 61),
		"a/a_test.go": "package a\n\n" + function("long", 61),
		"b/b.go":      "package b\n\nfunc empty() {}\nfunc one() { println() }\n" + function("edge", 60),
	})
	figures := archtest.Measure(files, false)
	if got := figures.Functions[len(figures.Functions)-2:]; got[0].Lines != 1 || got[1].Lines != 0 {
		t.Errorf("functions on one line: got %v, want 1 and 0 lines", got)
	}
	expect(t, archtest.CheckSizes(figures),
		"the median function has 13 lines", "20.0 % of the functions", "a/a.go:18: long has 61 lines")
	expect(t, archtest.CheckTestSizes(archtest.Measure(files, true)), "100.0 %", "a/a_test.go:3")
}

func TestALongFileAndALargePackageAreReported(t *testing.T) {
	files := parseTree(t, map[string]string{
		"a/a.go": "package a\n" + strings.Repeat("//\n", 4000),
		"b/b.go": "package b\n" + strings.Repeat("//\n", 499),
		"c/c.go": "package c\n" + strings.Repeat("//\n", 500),
	})
	expect(t, archtest.CheckSizes(archtest.Measure(files, false)),
		"a holds 4001 of 5002 lines", "a/a.go: 4001 lines", "c/c.go: 501 lines")
}

func TestEmptyNamesAreReported(t *testing.T) {
	files := parseTree(t, map[string]string{
		"a/a.go":    "package a\n\ntype RoomManager struct{}\n\nfunc (RoomManager) GetRoom() {}\n\nfunc Getaway() {}\n",
		"a/b.go":    "package a\n\ntype store interface{ Get() }\n\ntype Database struct{}\n",
		"util/u.go": "package other\n",
		"v/v.go":    "package common\n",
	})
	expect(t, archtest.CheckNames(files),
		"a/a.go:3: type RoomManager", "a/a.go:5: GetRoom", "a/b.go:3: Get", "util/u.go", "v/v.go")
}

func TestASleepInATestIsReported(t *testing.T) {
	sleep := "package a\n\nimport \"time\"\n\nfunc wait() { time.Sleep(1) }\n"
	fake := "package a\n\nimport (\n\t_ \"testing/synctest\"\n\t\"time\"\n)\n\nfunc wait() { time.Sleep(1) }\n"
	files := parseTree(t, map[string]string{"a/a.go": sleep, "a/a_test.go": sleep, "a/fake_test.go": fake})
	expect(t, archtest.CheckSleeps(files), "a/a_test.go:5")
}

func TestMachinePathsAndRegistryHostsAreReported(t *testing.T) {
	text := "fine/work/here, ~/root/x, https://example.org/work/1\nsee /wo" + "rk/main\n" +
		"\"resolved\": \"htt" + "ps://example.org/x.tgz\"\nfrom proxy.go" + "lang.org\n"
	expect(t, archtest.CheckText("page.md", []byte(text)), "page.md:2", "page.md:3", "page.md:4")
	expect(t, archtest.CheckText("picture.png", []byte("\x00"+text)))
}

func TestALongFileOfTheClientIsReported(t *testing.T) {
	long := []byte(strings.Repeat("\n", 501))
	expect(t, archtest.CheckLength("web/src/app.tsx", long), "web/src/app.tsx: 501 lines")
	expect(t, archtest.CheckLength("web/src/app.tsx", long[1:]))
	expect(t, archtest.CheckLength("LICENSE", long))
	expect(t, archtest.CheckLength("web/src/wire/protocol.ts", append([]byte("// Written by a program; do not edit.\n"), long...)))
}

func TestSourceThatDoesNotParseIsAnError(t *testing.T) {
	_, err := archtest.Load(fstest.MapFS{"a/a.go": {Data: []byte("package")}})
	if err == nil {
		t.Fatal("got no error")
	}
}
