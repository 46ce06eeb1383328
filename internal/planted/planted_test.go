package planted_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/planted"
)

// names reads the constants of type Name, with their values, from the source.
func names(t *testing.T) map[string]planted.Name {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "planted.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]planted.Name{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) == 0 {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); !ok || kind.Name != "Name" {
			return true
		}
		value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		if value != "" {
			found[spec.Names[0].Name] = planted.Name(value)
		}
		return true
	})
	return found
}

func TestEveryNameIsListedAndEveryListedBugHasAName(t *testing.T) {
	named := names(t)
	listed := map[planted.Name]bool{}
	for _, p := range planted.All() {
		if listed[p.Name] {
			t.Errorf("%s is listed twice", p.Name)
		}
		listed[p.Name] = true
		if p.Does == "" || p.By != planted.Simulation && p.By != planted.Prove {
			t.Errorf("%s: nobody knows what it does, or who is to catch it", p.Name)
		}
	}
	for constant, name := range named {
		if !listed[name] {
			t.Errorf("%s is not listed, so nobody tries it", constant)
		}
	}
	if len(named) == 0 || len(named) != len(listed) {
		t.Errorf("%d names and %d bugs in the list", len(named), len(listed))
	}
}

func TestEveryBugHasOneConditionInTheCode(t *testing.T) {
	code := sources(t, "..")
	for constant, name := range names(t) {
		switch n := len(regexp.MustCompile(`planted\.`+constant+`\b`).FindAllString(code, -1)); n {
		case 1:
		case 0:
			t.Errorf("%s is nowhere: its catch would prove nothing", name)
		default:
			t.Errorf("%s is at %d places", name, n)
		}
	}
}

// sources gives the Go code that ships below a folder, in one string.
func sources(t *testing.T, root string) string {
	t.Helper()
	var code strings.Builder
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		content, err := os.ReadFile(path)
		code.Write(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return code.String()
}
