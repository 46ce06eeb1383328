package archtest

import (
	"bufio"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Table says which packages of this repository each package may import. Keys
// and values are folders from the root. A value may end in "/..." for a folder
// and everything below it, or be "..." alone for everything.
type Table map[string][]string

// ParseTable reads the table from the fenced block named "imports" of a
// Markdown page. Each line is "package: import import …"; # starts a comment.
func ParseTable(markdown string) (Table, error) {
	table := Table{}
	inside := false
	lines := bufio.NewScanner(strings.NewReader(markdown))
	for lines.Scan() {
		line := lines.Text()
		if strings.HasPrefix(line, "```") {
			inside = line == "```imports"
			continue
		}
		if !inside {
			continue
		}
		if err := table.addRow(line); err != nil {
			return nil, err
		}
	}
	if len(table) == 0 {
		return nil, fmt.Errorf("archtest: no block named imports with rows in it")
	}
	return table, lines.Err()
}

func (t Table) addRow(line string) error {
	row, _, _ := strings.Cut(line, "#")
	if strings.TrimSpace(row) == "" {
		return nil
	}
	name, allowed, found := strings.Cut(row, ":")
	name = strings.TrimSpace(name)
	if !found {
		return fmt.Errorf("archtest: import table: no colon in %q", line)
	}
	if _, twice := t[name]; twice {
		return fmt.Errorf("archtest: import table: %s stands twice", name)
	}
	t[name] = strings.Fields(allowed)
	return nil
}

// CheckImports reports every import that the table does not allow, every
// package without a row and every row without a package. Test files are free:
// tests use real parts.
func CheckImports(files []File, table Table, module string) []string {
	var found []string
	seen := map[string]bool{}
	for _, file := range files {
		if file.IsTest() {
			continue
		}
		if _, listed := table[file.Dir()]; !listed && !seen[file.Dir()] {
			found = append(found, fmt.Sprintf("%s: not in the import table of ARCHITECTURE.md", file.Dir()))
		}
		seen[file.Dir()] = true
		found = append(found, forbidden(file, table, module)...)
	}
	return append(found, rowsWithoutPackage(table, seen)...)
}

func forbidden(file File, table Table, module string) []string {
	allowed, listed := table[file.Dir()]
	if !listed {
		return nil
	}
	var found []string
	for _, clause := range file.AST.Imports {
		imported, err := strconv.Unquote(clause.Path.Value)
		ours, inside := strings.CutPrefix(imported, module+"/")
		if err != nil || !inside || matchesAny(allowed, ours) {
			continue
		}
		found = append(found, fmt.Sprintf("%s: %s may not import %s", file.At(clause), file.Dir(), ours))
	}
	return found
}

func matchesAny(allowed []string, imported string) bool {
	return slices.ContainsFunc(allowed, func(pattern string) bool {
		if pattern == "..." || pattern == imported {
			return true
		}
		folder, tree := strings.CutSuffix(pattern, "/...")
		return tree && (imported == folder || strings.HasPrefix(imported, folder+"/"))
	})
}

func rowsWithoutPackage(table Table, seen map[string]bool) []string {
	var found []string
	for name := range table {
		if !seen[name] {
			found = append(found, fmt.Sprintf("%s: in the import table, but there is no such package", name))
		}
	}
	slices.Sort(found)
	return found
}
