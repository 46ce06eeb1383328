package httpapi_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/wire"
)

// refusals are the codes that the sources of the server hold.
type refusals struct {
	problems map[string]bool // "404 not_found"
	fields   map[string]bool // "too_long"
}

// kinds gives the status of each kind of refusal by its name.
var kinds = map[string]chat.Kind{
	"Internal": chat.Internal, "Invalid": chat.Invalid, "Unprocessable": chat.Unprocessable,
	"Unauthenticated": chat.Unauthenticated, "Forbidden": chat.Forbidden, "NotFound": chat.NotFound,
	"Conflict": chat.Conflict, "Gone": chat.Gone, "TooLarge": chat.TooLarge, "TooMany": chat.TooMany,
	"Overloaded": chat.Overloaded, "Unavailable": chat.Unavailable, "StorageFull": chat.StorageFull,
}

// statuses of what httpapi refuses by itself.
var statuses = map[string]int{"StatusMisdirectedRequest": 421, "StatusMethodNotAllowed": 405, "StatusUnsupportedMediaType": 415}

func (r refusals) note(node ast.Node) bool {
	switch node := node.(type) {
	case *ast.CompositeLit:
		r.noteLiteral(node)
	case *ast.CallExpr:
		r.noteCall(node)
	case *ast.ValueSpec: // the constants of password.Reason are codes of fields
		if lastName(node.Type) == "Reason" {
			r.fields[text(node.Values[0])] = true
		}
	}
	return true
}

// noteLiteral takes chat.Error{Kind: …, Code: …} and transportError{…}.
func (r refusals) noteLiteral(literal *ast.CompositeLit) {
	if lastName(literal.Type) == "transportError" && len(literal.Elts) == 4 {
		status := statuses[lastName(literal.Elts[0])]
		r.problems[fmt.Sprint(status, " ", text(literal.Elts[2]))] = true
		return
	}
	var kind, code string
	for _, element := range literal.Elts {
		pair, ok := element.(*ast.KeyValueExpr)
		if !ok {
			return
		}
		switch lastName(pair.Key) {
		case "Kind":
			kind = lastName(pair.Value)
		case "Code":
			code = text(pair.Value)
		}
	}
	if number, known := kinds[kind]; known && code != "" {
		status := wire.ProblemOf(&chat.Error{Kind: number}).Status
		r.problems[fmt.Sprint(status, " ", code)] = true
	}
}

// noteCall takes FieldProblem(field, code, …) and newAddressLimit(…, code, …).
func (r refusals) noteCall(call *ast.CallExpr) {
	switch lastName(call.Fun) {
	case "FieldProblem":
		if code := text(call.Args[1]); code != "" {
			r.fields[code] = true
		}
	case "newAddressLimit":
		r.problems["429 "+text(call.Args[2])] = true
	}
}

func lastName(node ast.Node) string {
	switch node := node.(type) {
	case *ast.Ident:
		return node.Name
	case *ast.SelectorExpr:
		return node.Sel.Name
	}
	return ""
}

func text(node ast.Node) string {
	literal, ok := node.(*ast.BasicLit)
	if !ok {
		return ""
	}
	value, _ := strconv.Unquote(literal.Value)
	return value
}

// inSources reads every source file of the server that is no test.
func inSources(t *testing.T) refusals {
	t.Helper()
	r := refusals{map[string]bool{}, map[string]bool{}}
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err == nil {
			ast.Inspect(file, r.note)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// inDocs reads the tables of docs/protocol.md.
func inDocs(t *testing.T) refusals {
	t.Helper()
	page, err := os.ReadFile("../../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	r := refusals{map[string]bool{}, map[string]bool{}}
	for _, row := range regexp.MustCompile("(?m)^\\| ([0-9]{3}) \\| `([a-z_]+)` \\|").FindAllStringSubmatch(string(page), -1) {
		r.problems[row[1]+" "+row[2]] = true
	}
	_, fields, _ := strings.Cut(string(page), "Codes of fields")
	fields, _, _ = strings.Cut(fields, "\n## ")
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\|").FindAllStringSubmatch(fields, -1) {
		r.fields[row[1]] = true
	}
	return r
}

func TestThePageOfTheProtocolListsAllCodes(t *testing.T) {
	sources, docs := inSources(t), inDocs(t)
	compare(t, "code", sources.problems, docs.problems)
	compare(t, "code of a field", sources.fields, docs.fields)
	if len(sources.problems) < 40 || len(sources.fields) < 10 {
		t.Errorf("only %d codes and %d of fields were found in the sources", len(sources.problems), len(sources.fields))
	}
}

func compare(t *testing.T, what string, sources, docs map[string]bool) {
	t.Helper()
	for _, code := range slices.Sorted(maps.Keys(sources)) {
		if !docs[code] {
			t.Errorf("docs/protocol.md lacks the %s %s", what, code)
		}
	}
	for _, code := range slices.Sorted(maps.Keys(docs)) {
		if !sources[code] {
			t.Errorf("docs/protocol.md lists the %s %s, which nothing gives", what, code)
		}
	}
}

func TestThePageOfTheProtocolListsAllCalls(t *testing.T) {
	page, err := os.ReadFile("../../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	routes, err := os.ReadFile("routes.go")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`\{"([A-Z]+)", "(/[^"]*)", \w+, `).FindAllStringSubmatch(string(routes), -1)
	if len(found) < 30 {
		t.Fatalf("only %d routes were found", len(found))
	}
	for _, route := range found {
		path := strings.NewReplacer("members/{user}", "members/{id}", "users/{user}", "users/{id}").Replace(route[2])
		path = strings.TrimSuffix(path, "/restore")
		if !strings.Contains(string(page), " "+path+"`") {
			t.Errorf("docs/protocol.md lacks %s %s", route[1], path)
		}
	}
}
