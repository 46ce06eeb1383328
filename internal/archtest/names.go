package archtest

import (
	"fmt"
	"go/ast"
	"path"
	"slices"
	"strings"
	"unicode"
)

// Names that say nothing about what a package answers.
var bannedPackages = []string{"util", "utils", "common", "helper", "helpers", "types", "models", "misc", "pkg", "base", "shared"}

// Endings that say nothing about what a type is.
var bannedEndings = []string{"Manager", "Helper", "Util", "Utils", "Data", "Info", "Impl", "Base"}

// CheckNames reports packages, types, functions and methods whose names break
// the house rules.
func CheckNames(files []File) []string {
	var found []string
	for _, file := range files {
		name := strings.TrimSuffix(file.AST.Name.Name, "_test")
		if slices.Contains(bannedPackages, name) || slices.Contains(bannedPackages, path.Base(file.Dir())) {
			found = append(found, fmt.Sprintf("%s: banned package name", file.Path))
		}
		ast.Inspect(file.AST, func(node ast.Node) bool {
			found = append(found, badName(file, node)...)
			return true
		})
	}
	return found
}

func badName(file File, node ast.Node) []string {
	switch node := node.(type) {
	case *ast.TypeSpec:
		return badType(file, node)
	case *ast.FuncDecl:
		return gets(file, node.Name)
	case *ast.InterfaceType:
		var found []string
		for _, method := range node.Methods.List {
			for _, name := range method.Names {
				found = append(found, gets(file, name)...)
			}
		}
		return found
	}
	return nil
}

func badType(file File, spec *ast.TypeSpec) []string {
	for _, ending := range bannedEndings {
		if strings.HasSuffix(spec.Name.Name, ending) {
			return []string{fmt.Sprintf("%s: type %s ends in %s", file.At(spec), spec.Name.Name, ending)}
		}
	}
	return nil
}

func gets(file File, name *ast.Ident) []string {
	rest, found := strings.CutPrefix(name.Name, "Get")
	if !found || (rest != "" && !unicode.IsUpper(rune(rest[0]))) {
		return nil
	}
	return []string{fmt.Sprintf("%s: %s: the prefix Get says nothing", file.At(name), name.Name)}
}

// CheckSleeps reports calls of time.Sleep in tests: they make a test slow when
// it passes and random when the machine is busy. In the fake time of
// testing/synctest they are neither, so files that use it are left out.
func CheckSleeps(files []File) []string {
	var found []string
	for _, file := range files {
		if !file.IsTest() || file.imports("testing/synctest") {
			continue
		}
		ast.Inspect(file.AST, func(node ast.Node) bool {
			if isSleep(node) {
				found = append(found, fmt.Sprintf("%s: time.Sleep in a test", file.At(node)))
			}
			return true
		})
	}
	return found
}

func isSleep(node ast.Node) bool {
	selector, ok := node.(*ast.SelectorExpr)
	if !ok || selector.Sel.Name != "Sleep" {
		return false
	}
	from, ok := selector.X.(*ast.Ident)
	return ok && from.Name == "time"
}
