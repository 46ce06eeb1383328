package bench

import (
	"math"
	"strings"
	"testing"
)

func TestAPanelBeginsAtZeroAndGrowsByPowersOfTen(t *testing.T) {
	p := panel{points: []point{{10, 0}, {100, 5}, {1000, 10}}}
	for i, want := range []point{{marginLeft, marginTop + plotHigh}, {marginLeft + plotWide/2, marginTop + plotHigh/2}, {marginLeft + plotWide, marginTop}} {
		x, y := p.place(p.points[i])
		if math.Abs(x-want.x) > 0.01 || math.Abs(y-want.y) > 0.01 {
			t.Errorf("point %d is at %.2f %.2f, want %.2f %.2f", i, x, y, want.x, want.y)
		}
	}
}

func TestASingleSizeIsDrawnInTheMiddle(t *testing.T) {
	var b strings.Builder
	if err := draw(&b, panel{title: "a < b", points: []point{{10, 1234567}}}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"a &lt; b", ">1,234,567<", `cx="175.0"`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %s in %s", want, b.String())
		}
	}
}
