package markup

import (
	"bytes"
	"fmt"

	"github.com/yuin/goldmark/ast"
	extension "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// leaf is an inline that is finished when it is found: a mention, a room, an
// address in the text.
type leaf struct {
	ast.BaseInline
	kind Kind
	text string
	href string
}

var leafKind = ast.NewNodeKind("ParleyLeaf")

// Kind implements ast.Node.
func (*leaf) Kind() ast.NodeKind { return leafKind }

// Dump implements ast.Node.
func (l *leaf) Dump([]byte, int) { fmt.Println(l.kind, l.text, l.href) }

// counted is an inline parser whose every try is counted as a mark.
type counted struct{ parser.InlineParser }

func (c counted) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	if !marksOf(pc).spend() {
		return nil
	}
	return c.InlineParser.Parse(parent, block, pc)
}

// strikes finds ~~ on both sides of what is struck out. One tilde is left alone:
// people write "~5 min".
type strikes struct{}

func (strikes) Trigger() []byte { return []byte{'~'} }

func (s strikes) Parse(_ ast.Node, block text.Reader, pc parser.Context) ast.Node {
	before := block.PrecendingCharacter()
	line, segment := block.PeekLine()
	mark := parser.ScanDelimiter(line, before, 2, s)
	if mark == nil || mark.OriginalLength != 2 || before == '~' {
		return nil
	}
	mark.Segment = segment.WithStop(segment.Start + 2)
	block.Advance(2)
	pc.PushDelimiter(mark)
	return mark
}

func (strikes) IsDelimiter(c byte) bool { return c == '~' }

func (strikes) CanOpenCloser(opener, closer *parser.Delimiter) bool {
	return opener.Char == closer.Char
}

func (strikes) OnMatch(int) ast.Node { return extension.NewStrikethrough() }

// mentions finds @name, see mentionLength.
type mentions struct{}

func (mentions) Trigger() []byte { return []byte{'@'} }

func (mentions) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	line, segment := block.PeekLine()
	return takeLeaf(block, Mention, line, mentionLength(block.Source()[:segment.Start], line))
}

// rooms finds #slug, see roomLength.
type rooms struct{}

func (rooms) Trigger() []byte { return []byte{'#'} }

func (rooms) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	line, segment := block.PeekLine()
	return takeLeaf(block, Room, line, roomLength(block.Source()[:segment.Start], line))
}

// takeLeaf makes a leaf of the first length bytes of the line, nil for none.
func takeLeaf(block text.Reader, kind Kind, line []byte, length int) ast.Node {
	if length == 0 {
		return nil
	}
	block.Advance(length)
	return &leaf{kind: kind, text: string(line[:length])}
}

// bareLinks finds addresses written out in the text. It wakes up at the colon of
// "://" and takes back the scheme before it, which has become text by then.
type bareLinks struct{}

func (bareLinks) Trigger() []byte { return []byte{':'} }

func (bareLinks) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, segment := block.PeekLine()
	if !bytes.HasPrefix(line, []byte("://")) || !marksOf(pc).spend() {
		return nil
	}
	before, ok := parent.LastChild().(*ast.Text)
	if !ok || before.Segment.Stop != segment.Start {
		return nil
	}
	source := block.Source()
	start := segment.Start - schemeLength(source[before.Segment.Start:segment.Start])
	if start == segment.Start || joinsWord(source[:start]) {
		return nil
	}
	length := addressLength(line[:min(len(line), maxHref)])
	address := string(source[start : segment.Start+length])
	href, ok := safeHref(address)
	if !ok {
		return nil
	}
	before.Segment = before.Segment.WithStop(start)
	block.Advance(length)
	return &leaf{kind: Link, text: address, href: href}
}

// angleLinks finds <https://…> and <somebody@example.org>.
type angleLinks struct{}

func (angleLinks) Trigger() []byte { return []byte{'<'} }

func (angleLinks) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	line, _ := block.PeekLine()
	stop := bytes.IndexAny(line[1:], "<> \t\r\n") + 1 // each < looks as far as the next
	if stop <= 1 || line[stop] != '>' {
		return nil
	}
	address := string(line[1:stop])
	href, ok := safeHref(address)
	if !ok && isMailAddress(address) {
		href, ok = safeHref("mailto:" + address)
	}
	if !ok {
		return nil
	}
	block.Advance(stop + 1)
	return &leaf{kind: Link, text: address, href: href}
}

// bracketLinks is CommonMark's [text](address). It notes where the parts of a
// link stand, so that one with a forbidden address can be shown as typed.
type bracketLinks struct {
	parser.InlineParser
	parser.CloseBlocker
}

func newBracketLinks() bracketLinks {
	links := parser.NewLinkParser()
	return bracketLinks{links, links.(parser.CloseBlocker)}
}

const tailAttribute = "tail" // source of "](…)", as [2]int

func (b bracketLinks) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	if !marksOf(pc).spend() {
		return nil
	}
	_, before := block.Position()
	node := b.InlineParser.Parse(parent, block, pc)
	switch node.(type) {
	case *ast.Link, *ast.Image:
		_, after := block.Position()
		node.SetAttributeString(tailAttribute, [2]int{before.Start, after.Start})
	}
	return node
}
