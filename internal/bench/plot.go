package bench

import (
	"fmt"
	"html"
	"io"
	"math"
	"strconv"
	"strings"
)

// panel is one diagram: values over a size that grows by powers of ten. The
// values begin at zero, so that heights can be compared.
type panel struct {
	title  string // what the values are, with their unit
	across string // what the size is
	digits int    // of a value beside its point; one above a thousand has none
	points []point
}

type point struct{ x, y float64 }

// Measures of a drawing, in pixels.
const (
	panelWide, panelHigh            = 360, 240
	marginLeft, marginRight         = 30, 40
	marginTop, marginBottom         = 44, 44
	plotWide                        = panelWide - marginLeft - marginRight
	plotHigh                        = panelHigh - marginTop - marginBottom
	gridLines               float64 = 4
)

// drawingStyle suits light and dark pages.
const drawingStyle = `<style>
text{font:12px system-ui,sans-serif;fill:#24292f}.title{font-weight:600}.small{fill:#57606a}
.grid{stroke:#d0d7de}.line{stroke:#0969da;stroke-width:2;fill:none}.dot{fill:#0969da}
@media (prefers-color-scheme:dark){text{fill:#e6edf3}.small{fill:#9198a1}.grid{stroke:#3d444d}.line{stroke:#4493f8}.dot{fill:#4493f8}}
</style>
`

// draw writes panels beside each other as SVG.
func draw(w io.Writer, panels ...panel) error {
	var b strings.Builder
	wide := panelWide * len(panels)
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img">`+"\n",
		wide, panelHigh, wide, panelHigh)
	b.WriteString(drawingStyle)
	for i, p := range panels {
		fmt.Fprintf(&b, `<g transform="translate(%d 0)">`+"\n", i*panelWide)
		p.draw(&b)
		b.WriteString("</g>\n")
	}
	b.WriteString("</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func (p panel) draw(b *strings.Builder) {
	label(b, marginLeft, 18, "title", "start", p.title)
	label(b, panelWide-marginRight, panelHigh-8, "small", "end", p.across)
	for i := range int(gridLines) + 1 {
		y := marginTop + float64(i)*plotHigh/gridLines
		fmt.Fprintf(b, `<path class="grid" d="M%d %.1fH%d"/>`+"\n", marginLeft, y, panelWide-marginRight)
	}
	path := make([]string, len(p.points))
	for i, at := range p.points {
		x, y := p.place(at)
		path[i] = fmt.Sprintf("%.1f %.1f", x, y)
		fmt.Fprintf(b, `<circle class="dot" cx="%.1f" cy="%.1f" r="3.5"/>`+"\n", x, y)
		label(b, x, y-9, "", "middle", p.value(at.y))
		label(b, x, panelHigh-marginBottom+18, "small", "middle", thousands(at.x))
	}
	fmt.Fprintf(b, `<path class="line" d="M%s"/>`+"\n", strings.Join(path, "L"))
}

func (p panel) value(y float64) string {
	if y >= 1000 {
		return thousands(y)
	}
	return strconv.FormatFloat(y, 'f', p.digits, 64)
}

func label(b *strings.Builder, x, y float64, class, anchor, text string) {
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" class="%s" text-anchor="%s">%s</text>`+"\n", x, y, class, anchor, html.EscapeString(text))
}

// place is where a point is drawn.
func (p panel) place(at point) (x, y float64) {
	left, right := math.Inf(1), math.Inf(-1)
	top := 0.0
	for _, other := range p.points {
		left, right, top = min(left, math.Log10(other.x)), max(right, math.Log10(other.x)), max(top, other.y)
	}
	x, y = marginLeft+plotWide/2, marginTop+plotHigh
	if right > left {
		x = marginLeft + plotWide*(math.Log10(at.x)-left)/(right-left)
	}
	if top > 0 {
		y -= plotHigh * at.y / top
	}
	return x, y
}
