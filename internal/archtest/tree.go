// Package archtest keeps ARCHITECTURE.md true: it reads the source tree and
// reports where imports, sizes, names and wording leave the house rules.
//
// It owns the rules that a machine can check. It does not own formatting, vet
// or staticcheck, which scripts/check.sh runs, and it executes no code of the
// packages that it reads.
package archtest

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// A File is one parsed Go file of the tree.
type File struct {
	Path  string // slash-separated, from the root of the repository
	Lines int
	Fset  *token.FileSet
	AST   *ast.File
}

// Dir is the folder of the file, "." for the root of the repository.
func (f File) Dir() string { return path.Dir(f.Path) }

// IsTest tells whether the file is compiled only for tests.
func (f File) IsTest() bool { return strings.HasSuffix(f.Path, "_test.go") }

// imports tells whether the file imports the package with this path.
func (f File) imports(path string) bool {
	return slices.ContainsFunc(f.AST.Imports, func(spec *ast.ImportSpec) bool {
		return spec.Path.Value == strconv.Quote(path)
	})
}

// At names the place of a node as path:line, for messages.
func (f File) At(n ast.Node) string {
	return fmt.Sprintf("%s:%d", f.Path, f.Fset.Position(n.Pos()).Line)
}

// Load parses every Go file under fsys, in lexical order. Folders that hold
// no source of ours (hidden ones, node_modules, testdata, build results) are
// left out. The first file that does not parse is the error.
func Load(fsys fs.FS) ([]File, error) {
	var files []File
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return skipForeign(name)
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		file, err := parse(fsys, name)
		files = append(files, file)
		return err
	})
	return files, err
}

func skipForeign(dir string) error {
	base := path.Base(dir)
	hidden := strings.HasPrefix(base, ".") && dir != "."
	if hidden || base == "node_modules" || base == "testdata" || dir == "bin" || dir == "web/dist" {
		return fs.SkipDir
	}
	return nil
}

func parse(fsys fs.FS, name string) (File, error) {
	source, err := fs.ReadFile(fsys, name)
	if err != nil {
		return File{}, err
	}
	fset := token.NewFileSet()
	tree, err := parser.ParseFile(fset, name, source, parser.SkipObjectResolution)
	if err != nil {
		return File{}, fmt.Errorf("archtest: %w", err)
	}
	return File{Path: name, Lines: bytes.Count(source, []byte("\n")), Fset: fset, AST: tree}, nil
}
