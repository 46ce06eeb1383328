package markup

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark/ast"
	extension "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// converter makes our tree of the parser's.
type converter struct {
	source   []byte
	left     int  // nodes that may still be made
	exceeded bool // the tree is too large or too deep; the rest is not made
	marked   bool // there is something that plain text does not show
}

// count counts a node at a depth; false means that there must be no more.
func (c *converter) count(kind Kind, depth int) bool {
	c.left--
	c.exceeded = c.exceeded || c.left < 0 || depth > MaxDepth
	c.marked = c.marked || kind != Paragraph && kind != Text && kind != Break
	return !c.exceeded
}

func (c *converter) blocks(parent ast.Node, depth int) []Node {
	var out []Node
	for child := parent.FirstChild(); child != nil && !c.exceeded; child = child.NextSibling() {
		if tight, ok := child.(*ast.TextBlock); ok {
			out = c.appendInlines(out, tight, depth, false)
			continue
		}
		out = append(out, c.block(child, depth))
	}
	return out
}

func (c *converter) block(block ast.Node, depth int) Node {
	node := Node{Kind: blockKind(block)}
	if !c.count(node.Kind, depth) {
		return node
	}
	switch block := block.(type) {
	case *ast.FencedCodeBlock:
		node.Text = strings.TrimSuffix(c.lines(block.Lines()), "\n")
		node.Lang = c.language(block)
	case *ast.Paragraph, *ast.Heading:
		node.Children = c.appendInlines(nil, block, depth+1, false)
	case *ast.List:
		node.Start = block.Start
		node.Children = c.blocks(block, depth+1)
	default:
		node.Children = c.blocks(block, depth+1)
	}
	return node
}

func blockKind(block ast.Node) Kind {
	switch block := block.(type) {
	case *ast.Heading:
		return Heading
	case *ast.Blockquote:
		return Quote
	case *ast.ListItem:
		return Item
	case *ast.FencedCodeBlock:
		return CodeBlock
	case *ast.List:
		if block.IsOrdered() {
			return Numbers
		}
		return Bullets
	}
	return Paragraph
}

func (c *converter) lines(lines *text.Segments) string {
	var all strings.Builder
	for i := range lines.Len() {
		line := lines.At(i)
		all.Write(line.Value(c.source))
	}
	return all.String()
}

// language returns the first word after the fence, if it is a plain one.
func (c *converter) language(block *ast.FencedCodeBlock) string {
	language := string(block.Language(c.source))
	if len(language) > 32 || strings.ContainsFunc(language, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+#._-", r)
	}) {
		return ""
	}
	return language
}

func (c *converter) appendInlines(out []Node, parent ast.Node, depth int, inLink bool) []Node {
	for child := parent.FirstChild(); child != nil && !c.exceeded; child = child.NextSibling() {
		switch child := child.(type) {
		case *ast.Text:
			out = c.appendTextNode(out, child, depth)
		case *leaf:
			out = c.appendLeaf(out, child, depth, inLink)
		case *ast.CodeSpan:
			out = c.appendNode(out, Node{Kind: Code, Text: c.codeText(child)}, depth)
		case *ast.Emphasis:
			kind := Emphasis
			if child.Level == 2 {
				kind = Strong
			}
			out = c.appendNested(out, kind, child, depth, inLink)
		case *extension.Strikethrough:
			out = c.appendNested(out, Deleted, child, depth, inLink)
		case *ast.Link:
			out = c.appendLink(out, child, child.Destination, depth, inLink)
		case *ast.Image:
			out = c.appendLink(out, child, child.Destination, depth, inLink)
		}
	}
	return out
}

func (c *converter) appendNode(out []Node, node Node, depth int) []Node {
	if !c.count(node.Kind, depth) {
		return out
	}
	return append(out, node)
}

func (c *converter) appendNested(out []Node, kind Kind, parent ast.Node, depth int, inLink bool) []Node {
	if !c.count(kind, depth) {
		return out
	}
	return append(out, Node{Kind: kind, Children: c.appendInlines(nil, parent, depth+1, inLink)})
}

// appendLeaf appends what was found in the text. Within a link it is text: a
// link leads to one place.
func (c *converter) appendLeaf(out []Node, l *leaf, depth int, inLink bool) []Node {
	switch {
	case inLink:
		return c.appendText(out, l.text, depth)
	case l.kind != Link:
		return c.appendNode(out, Node{Kind: l.kind, Text: l.text}, depth)
	case !c.count(Link, depth):
		return out
	}
	return append(out, Node{Kind: Link, Href: l.href, Children: c.appendText(nil, l.text, depth+1)})
}

// appendLink appends a link or an image. One that must not be a link is shown
// as it was typed; one without text shows its address.
func (c *converter) appendLink(out []Node, link ast.Node, destination []byte, depth int, inLink bool) []Node {
	href, ok := safeHref(decodeHref(destination))
	if !ok || inLink {
		return c.appendTyped(out, link, depth, inLink)
	}
	if !c.count(Link, depth) {
		return out
	}
	children := c.appendInlines(nil, link, depth+1, true)
	if !hasText(children) {
		children = c.appendText(nil, string(destination), depth+1)
	}
	return append(out, Node{Kind: Link, Href: href, Children: children})
}

func (c *converter) appendTyped(out []Node, link ast.Node, depth int, inLink bool) []Node {
	opening := "["
	if _, isImage := link.(*ast.Image); isImage {
		opening = "!["
	}
	out = c.appendText(out, opening, depth)
	out = c.appendInlines(out, link, depth, inLink)
	if tail, ok := link.AttributeString(tailAttribute); ok {
		place := tail.([2]int)
		out = c.appendText(out, string(c.source[place[0]:place[1]]), depth)
	}
	return out
}

// appendTextNode appends text and the line break after it.
func (c *converter) appendTextNode(out []Node, node *ast.Text, depth int) []Node {
	start, stop := node.Segment.Start, node.Segment.Stop
	if node.HardLineBreak() && stop < len(c.source) && c.source[stop] == '\\' {
		stop++ // every line break is one: the backslash at the end of a path stays
	}
	raw := bytes.TrimRight(c.source[start:stop], "\r")
	shown := unescape(raw)
	c.marked = c.marked || len(shown) != len(raw)
	out = c.appendText(out, string(shown), depth)
	if node.SoftLineBreak() || node.HardLineBreak() {
		out = c.appendNode(out, Node{Kind: Break}, depth)
	}
	return out
}

func (c *converter) appendText(out []Node, text string, depth int) []Node {
	if text == "" {
		return out
	}
	if last := len(out) - 1; last >= 0 && out[last].Kind == Text {
		out[last].Text += text
		return out
	}
	return c.appendNode(out, Node{Kind: Text, Text: text}, depth)
}

func (c *converter) codeText(span *ast.CodeSpan) string {
	var all strings.Builder
	for child := span.FirstChild(); child != nil; child = child.NextSibling() {
		if part, ok := child.(*ast.Text); ok {
			all.Write(part.Segment.Value(c.source))
		}
	}
	return strings.ReplaceAll(all.String(), "\n", " ")
}

// unescape drops the backslashes that were typed to be dropped. The arm of the
// shrugging man is not one of them.
func unescape(raw []byte) []byte {
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw
	}
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		arm := bytes.HasSuffix(out, []byte("¯"))
		if raw[i] == '\\' && i+1 < len(raw) && util.IsPunct(raw[i+1]) && !arm {
			i++
		}
		out = append(out, raw[i])
	}
	return out
}
