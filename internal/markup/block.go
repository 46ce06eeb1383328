package markup

import (
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// container is a quote or list that does not swallow the line after it.
//
// CommonMark lets a paragraph go on past the end of its quote or list. In chat
// the answer under a quote would become part of the quote. So a container notes
// the line that ended it, and paragraph does not continue over such a line.
type container struct{ parser.BlockParser }

// Open refuses to nest deeper than a tree may be.
func (c container) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	if len(pc.OpenedBlocks()) > MaxDepth {
		marksOf(pc).exceeded = true
		return nil, parser.NoChildren
	}
	return c.BlockParser.Open(parent, reader, pc)
}

func (c container) Continue(node ast.Node, reader text.Reader, pc parser.Context) parser.State {
	state := c.BlockParser.Continue(node, reader, pc)
	if state&parser.Continue == 0 {
		marksOf(pc).ended = lineNumber(reader)
	}
	return state
}

// paragraph takes every line that nothing else takes, indented or not, and
// begins anew after the end of a container.
type paragraph struct{ parser.BlockParser }

func (p paragraph) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	open := pc.LastOpenedBlock().Node
	if open != nil && ast.IsParagraph(open) && marksOf(pc).ended != lineNumber(reader) {
		return nil, parser.NoChildren // goes on as before
	}
	return p.BlockParser.Open(parent, reader, pc)
}

// CanInterruptParagraph is what lets Open decide; it declines within a
// paragraph that goes on.
func (paragraph) CanInterruptParagraph() bool { return true }

func (paragraph) CanAcceptIndentedLine() bool { return true }

func lineNumber(reader text.Reader) int {
	number, _ := reader.Position()
	return number + 1
}
