// Package markup turns the text of a message into a small tree that clients
// draw: the message's "rich". It is the one place where Markdown is understood;
// clients build elements from the tree and parse nothing. It owns the dialect,
// the limits and the rule of which addresses become links. It knows neither
// rooms nor people: a mention is a name, nothing says whether anybody has it.
//
// # The tree
//
// A tree is a list of nodes. A node is {"t": kind} with the fields of its kind;
// empty fields are left out.
//
//	t        fields      drawn as
//	p        c           paragraph
//	h        c           heading of any level: a bold line
//	quote    c           quotation; c are blocks
//	ul       c           bulleted list; c are li
//	ol       start, c    numbered list; without start it begins at 0
//	li       c           list item; c are inlines, blocks or both
//	pre      text, lang  code block; lang is a plain word, only a hint
//	text     text        text
//	br                   line break
//	em       c           emphasis
//	strong   c           strong emphasis
//	del      c           struck out
//	code     text        code in a line
//	link     href, c     link; c are text, br, em, strong, del, code
//	mention  text, user  "@name"; with user, the id of the person meant
//	room     text        "#slug"; plain text to those who know no such room
//
// p, h, quote, ul, ol, li and pre are blocks, the others inlines. A client draws
// a kind it does not know as its text and children.
//
// # The dialect
//
// CommonMark's emphasis, code, links, quotes, lists and fenced code, with ~~ for
// struck out text and these differences, which are what people expect in chat:
// a line break is a line break; a line without its ">" or out of its list ends
// the quote or list; there are no rules, no indented code, no headings by
// underlining, no references, no tables, no HTML and no entities (both are shown
// as they were typed); an image is a link. http:// and https:// addresses in
// the text become links.
//
// Links lead to http, https and mailto only. The check is made on the address
// after all decoding, as a browser would see it; what fails is shown as typed.
//
// The text of all nodes, in order, is the text that was typed less the marks:
// nothing is added and nothing changes places.
package markup

import (
	"sync"
	"unicode/utf8"

	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Limits of a tree. A text above one of them has no tree and is shown plain.
// They also keep the time linear: whatever may look further than its own length
// (an opening bracket, a backtick, an emphasis mark) is counted.
const (
	MaxBytes = 64 << 10 // of the text; a room's limit is lower
	MaxDepth = 12       // nodes within each other
	MaxNodes = 2000
	maxMarks = 1000 // brackets, backticks, emphasis marks, addresses
)

// Kind is what a node is.
type Kind string

// The kinds of nodes, see the package comment.
const (
	Paragraph Kind = "p"
	Heading   Kind = "h"
	Quote     Kind = "quote"
	Bullets   Kind = "ul"
	Numbers   Kind = "ol"
	Item      Kind = "li"
	CodeBlock Kind = "pre"
	Text      Kind = "text"
	Break     Kind = "br"
	Emphasis  Kind = "em"
	Strong    Kind = "strong"
	Deleted   Kind = "del"
	Code      Kind = "code"
	Link      Kind = "link"
	Mention   Kind = "mention"
	Room      Kind = "room"
)

// Node is one node of a tree.
type Node struct {
	Kind     Kind   `json:"t"`
	Text     string `json:"text,omitempty"`
	Href     string `json:"href,omitempty"`
	Lang     string `json:"lang,omitempty"`
	User     int64  `json:"user,omitempty"` // left 0 by Parse, see Resolve
	Start    int    `json:"start,omitempty"`
	Children []Node `json:"c,omitempty"`
}

// Parse returns the tree of a text, nil when the text has no markup or is above
// a limit: then it is to be shown as it is. It is safe for concurrent use.
func Parse(text string) (nodes []Node) {
	if len(text) > MaxBytes || isPlain(text) || !utf8.ValidString(text) {
		return nil
	}
	defer func() {
		// A message that somebody managed to write must not take down every
		// process that shows it. Tests call parse, where a panic is seen.
		if recover() != nil {
			nodes = nil
		}
	}()
	return parse(text)
}

func parse(source string) []Node {
	marks := &marks{left: maxMarks}
	pc := parser.NewContext()
	pc.Set(marksKey, marks)
	root := markdown().Parse(text.NewReader([]byte(source)), parser.WithContext(pc))
	if marks.exceeded {
		return nil
	}
	c := converter{source: []byte(source), left: MaxNodes}
	nodes := c.blocks(root, 1)
	if c.exceeded || !c.marked || !hasText(nodes) {
		return nil
	}
	return nodes
}

// markdown is the parser of the dialect, without state of its own.
var markdown = sync.OnceValue(func() parser.Parser {
	return parser.NewParser(
		parser.WithBlockParsers(
			util.Prioritized(container{parser.NewListParser()}, 100),
			util.Prioritized(parser.NewListItemParser(), 200),
			util.Prioritized(parser.NewATXHeadingParser(), 300),
			util.Prioritized(parser.NewFencedCodeBlockParser(), 400),
			util.Prioritized(container{parser.NewBlockquoteParser()}, 500),
			util.Prioritized(paragraph{parser.NewParagraphParser()}, 600),
		),
		parser.WithInlineParsers(
			util.Prioritized(counted{parser.NewCodeSpanParser()}, 100),
			util.Prioritized(newBracketLinks(), 200),
			util.Prioritized(angleLinks{}, 300),
			util.Prioritized(bareLinks{}, 400),
			util.Prioritized(mentions{}, 500),
			util.Prioritized(rooms{}, 600),
			util.Prioritized(counted{parser.NewEmphasisParser()}, 700),
			util.Prioritized(counted{strikes{}}, 800),
		),
	)
})

// marksKey is where the marks of one text are found in the parser's context.
var marksKey = parser.NewContextKey()

// marks is the state of one run of the parser.
type marks struct {
	left     int
	exceeded bool
	ended    int // number of the line that ended a quote or list, from 1
}

func marksOf(pc parser.Context) *marks { return pc.Get(marksKey).(*marks) }

// spend counts one mark; false means that there were too many.
func (m *marks) spend() bool {
	m.left--
	m.exceeded = m.exceeded || m.left < 0
	return !m.exceeded
}

// hasText reports whether there is anything to see: a lone ">" or "-" is a
// message too, and not an empty quote.
func hasText(nodes []Node) bool {
	for _, node := range nodes {
		if node.Text != "" || hasText(node.Children) {
			return true
		}
	}
	return false
}

// Resolve sets User in all mentions for whose name (without the @) user returns
// an id above 0.
func Resolve(nodes []Node, user func(name string) int64) {
	for i := range nodes {
		if nodes[i].Kind == Mention {
			nodes[i].User = max(user(nodes[i].Text[1:]), 0)
		}
		Resolve(nodes[i].Children, user)
	}
}
