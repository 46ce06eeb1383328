package archtest

import (
	"cmp"
	"fmt"
	"go/ast"
	"maps"
	"slices"
	"strings"
)

// The bounds of the house, in lines.
const (
	MedianFunction = 12
	LongFunction   = 60
	LongestFile    = 500
	// FreeLines is how much Go code there may be before the share of a
	// single package is looked at.
	FreeLines = 4000
)

// Shares of functions that may be longer than LongFunction, in per cent.
const (
	LongShare     = 5
	LongTestShare = 8
)

// A Function is one declared function and the number of lines of its body.
type Function struct {
	Place string
	Name  string
	Lines int
}

// Figures are the sizes of one half of the tree: what ships, or its tests.
type Figures struct {
	Lines     int
	Packages  map[string]int // lines by folder
	Functions []Function     // longest first
	Files     []File         // longest first
}

// Measure counts the files of one half of the tree.
func Measure(files []File, tests bool) Figures {
	figures := Figures{Packages: map[string]int{}}
	for _, file := range files {
		if file.IsTest() != tests {
			continue
		}
		figures.Lines += file.Lines
		figures.Packages[file.Dir()] += file.Lines
		figures.Files = append(figures.Files, file)
		figures.Functions = append(figures.Functions, functions(file)...)
	}
	slices.SortStableFunc(figures.Functions, func(a, b Function) int { return cmp.Compare(b.Lines, a.Lines) })
	slices.SortStableFunc(figures.Files, func(a, b File) int { return cmp.Compare(b.Lines, a.Lines) })
	return figures
}

func functions(file File) []Function {
	var found []Function
	for _, declaration := range file.AST.Decls {
		function, ok := declaration.(*ast.FuncDecl)
		if !ok || function.Body == nil {
			continue
		}
		found = append(found, Function{
			Place: file.At(function),
			Name:  function.Name.Name,
			Lines: bodyLines(file, function.Body),
		})
	}
	return found
}

// bodyLines counts the lines between the braces; a body on one line is one.
func bodyLines(file File, body *ast.BlockStmt) int {
	lines := file.Fset.Position(body.Rbrace).Line - file.Fset.Position(body.Lbrace).Line - 1
	return max(lines, min(len(body.List), 1))
}

// Median is the middle length of all functions, 0 when there is none.
func (f Figures) Median() int {
	if len(f.Functions) == 0 {
		return 0
	}
	return f.Functions[len(f.Functions)/2].Lines
}

// Long are the functions above LongFunction, longest first.
func (f Figures) Long() []Function {
	end := slices.IndexFunc(f.Functions, func(function Function) bool { return function.Lines <= LongFunction })
	if end < 0 {
		return f.Functions
	}
	return f.Functions[:end]
}

// LongPercent is the share of long functions, 0 to 100.
func (f Figures) LongPercent() float64 {
	return 100 * float64(len(f.Long())) / float64(max(len(f.Functions), 1))
}

// Largest is the folder with the most lines.
func (f Figures) Largest() (folder string, lines int) {
	for _, name := range slices.Sorted(maps.Keys(f.Packages)) {
		if f.Packages[name] > lines {
			folder, lines = name, f.Packages[name]
		}
	}
	return folder, lines
}

// String is a line of figures for people.
func (f Figures) String() string {
	var text strings.Builder
	folder, lines := f.Largest()
	fmt.Fprintf(&text, "%d lines in %d files, %d functions: median %d lines, %d (%.1f %%) over %d",
		f.Lines, len(f.Files), len(f.Functions), f.Median(), len(f.Long()), f.LongPercent(), LongFunction)
	fmt.Fprintf(&text, "; largest package %s with %d lines (%.0f %%)", folder, lines, 100*float64(lines)/float64(max(f.Lines, 1)))
	if len(f.Files) > 0 {
		fmt.Fprintf(&text, "; longest file %s with %d", f.Files[0].Path, f.Files[0].Lines)
	}
	return text.String()
}

// CheckSizes reports where code that ships leaves the bounds.
func CheckSizes(f Figures) []string {
	var found []string
	if median := f.Median(); median > MedianFunction {
		found = append(found, fmt.Sprintf("the median function has %d lines, more than %d", median, MedianFunction))
	}
	if folder, lines := f.Largest(); f.Lines > FreeLines && 5*lines > f.Lines {
		found = append(found, fmt.Sprintf("%s holds %d of %d lines, more than a fifth", folder, lines, f.Lines))
	}
	found = append(found, tooManyLong(f, LongShare)...)
	return append(found, tooLong(f)...)
}

// CheckTestSizes reports where test code leaves its own, wider bounds.
func CheckTestSizes(f Figures) []string {
	return append(tooManyLong(f, LongTestShare), tooLong(f)...)
}

func tooManyLong(f Figures, share float64) []string {
	if f.LongPercent() <= share {
		return nil
	}
	found := []string{fmt.Sprintf("%.1f %% of the functions are over %d lines, more than %.0f %%", f.LongPercent(), LongFunction, share)}
	for _, function := range f.Long() {
		found = append(found, fmt.Sprintf("%s: %s has %d lines", function.Place, function.Name, function.Lines))
	}
	return found
}

func tooLong(f Figures) []string {
	var found []string
	for _, file := range f.Files {
		if file.Lines > LongestFile {
			found = append(found, fmt.Sprintf("%s: %d lines, more than %d", file.Path, file.Lines, LongestFile))
		}
	}
	return found
}
