package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"
)

const header = "// The API and socket frames as TypeScript: pure types, no behaviour.\n" +
	"// Written by internal/wire/tsgen from the server's types; do not edit.\n" +
	"// docs/protocol.md is the contract.\n"

// writer puts the file together.
type writer struct {
	names map[reflect.Type]string
	docs  docs
}

// generate gives the whole file. wireFolder is where the Go sources are.
func generate(wireFolder string) (string, error) {
	docs, err := readDocs(wireFolder, filepath.Join(wireFolder, "..", "markup"))
	if err != nil {
		return "", err
	}
	parts := listing()
	w := writer{names: names(parts), docs: docs}
	blocks := []string{header}
	for _, p := range parts {
		block, err := w.declare(p)
		if err != nil {
			return "", err
		}
		blocks = append(blocks, block+"\n")
	}
	return strings.Join(blocks, "\n"), nil
}

func (w writer) declare(p part) (string, error) {
	if p.of == nil {
		return p.text, nil
	}
	t := reflect.TypeOf(p.of)
	var b strings.Builder
	b.WriteString(comment("", w.docs.of(t.Name(), p.name)))
	if !p.local {
		b.WriteString("export ")
	}
	b.WriteString("interface " + p.name + w.extends(t) + " {\n")
	for field := range ownFields(t) {
		line, err := w.field(t, field)
		if err != nil {
			return "", fmt.Errorf("%s.%s: %w", t.Name(), field.Name, err)
		}
		b.WriteString(line)
	}
	b.WriteString("}")
	return b.String(), nil
}

// extends names the listed types that t embeds.
func (w writer) extends(t reflect.Type) string {
	var bases []string
	for i := range t.NumField() {
		if f := t.Field(i); f.Anonymous {
			bases = append(bases, w.names[f.Type])
		}
	}
	if len(bases) == 0 {
		return ""
	}
	return " extends " + strings.Join(bases, ", ")
}

// ownFields gives the fields that stand in the JSON and are not embedded.
func ownFields(t reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			f := t.Field(i)
			if tag := f.Tag.Get("json"); f.Anonymous || tag == "" || tag == "-" {
				continue
			}
			if !yield(f) {
				return
			}
		}
	}
}

func (w writer) field(owner reflect.Type, f reflect.StructField) (string, error) {
	name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
	if strings.Contains(options, "omitempty") {
		name += "?"
	}
	kind, optional := strings.CutPrefix(f.Tag.Get("ts"), "?")
	if optional {
		name += "?"
	}
	if kind == "" {
		var err error
		if kind, err = w.typeOf(f.Type); err != nil {
			return "", err
		}
	}
	return comment("  ", w.docs.field(owner.Name(), f.Name)) + "  " + name + ": " + kind + ";\n", nil
}

func (w writer) typeOf(t reflect.Type) (string, error) {
	if name, listed := w.names[t]; listed {
		return name, nil
	}
	switch t.Kind() {
	case reflect.Pointer:
		return w.typeOf(t.Elem())
	case reflect.Slice:
		element, err := w.typeOf(t.Elem())
		return element + "[]", err
	case reflect.Map:
		element, err := w.typeOf(t.Elem())
		return "Record<string, " + element + ">", err
	case reflect.String:
		return "string", nil
	case reflect.Bool:
		return "boolean", nil
	case reflect.Int, reflect.Int64, reflect.Float64:
		return "number", nil
	}
	return "", fmt.Errorf("%s is not in the listing", t)
}

// unionOf writes a union on one line if it fits.
func unionOf(name, doc string, members []string) string {
	line := "export type " + name + " = " + strings.Join(members, " | ") + ";"
	const width = 100
	if len(line) > width {
		line = "export type " + name + " =\n  | " + strings.Join(members, "\n  | ") + ";"
	}
	return comment("", doc) + line
}

func comment(indent, text string) string {
	if text == "" {
		return ""
	}
	const width = 90
	if len(text) <= width {
		return indent + "/** " + text + " */\n"
	}
	return indent + "/**\n" + wrapped(indent+" * ", text, width) + indent + " */\n"
}

func wrapped(prefix, text string, width int) string {
	var b strings.Builder
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			b.WriteString(prefix + line + "\n")
			line = ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	b.WriteString(prefix + line + "\n")
	return b.String()
}

// docs are the comments of Go types and fields: "Type" and "Type.Field".
type docs map[string]string

func readDocs(folders ...string) (docs, error) {
	d := docs{}
	for _, folder := range folders {
		paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil {
			return nil, err
		}
		for _, path := range paths {
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
			if err != nil {
				return nil, err
			}
			ast.Inspect(file, d.note)
		}
	}
	return d, nil
}

func (d docs) note(node ast.Node) bool {
	switch node := node.(type) {
	case *ast.GenDecl:
		if len(node.Specs) == 1 {
			if spec, ok := node.Specs[0].(*ast.TypeSpec); ok && spec.Doc == nil {
				spec.Doc = node.Doc
			}
		}
	case *ast.TypeSpec:
		d[node.Name.Name] = oneLine(node.Doc)
		if structure, ok := node.Type.(*ast.StructType); ok {
			d.noteFields(node.Name.Name, structure)
		}
	}
	return true
}

func (d docs) noteFields(owner string, structure *ast.StructType) {
	for _, field := range structure.Fields.List {
		for _, name := range field.Names {
			d[owner+"."+name.Name] = oneLine(field.Doc) + oneLine(field.Comment)
		}
	}
}

func oneLine(group *ast.CommentGroup) string {
	return strings.Join(strings.Fields(group.Text()), " ")
}

// of gives a type's comment without "Name is" at its beginning, which says
// nothing beside the declaration.
func (d docs) of(goName, name string) string {
	doc := d[goName]
	for _, start := range []string{goName + " is ", goName + " are ", goName + ": ", goName + " "} {
		if rest, found := strings.CutPrefix(doc, start); found {
			doc = rest
			break
		}
	}
	if doc == "" {
		return ""
	}
	return strings.ToUpper(doc[:1]) + doc[1:]
}

func (d docs) field(goName, field string) string {
	doc := d[goName+"."+field]
	if doc == "" {
		return ""
	}
	doc = strings.ToUpper(doc[:1]) + doc[1:]
	if !strings.HasSuffix(doc, ".") {
		doc += "."
	}
	return doc
}
