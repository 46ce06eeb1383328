package main

import (
	"io"
	"slices"
	"testing"

	"github.com/parley-chat/parley/internal/planted"
)

func TestFindingsOfTheSimulationAreRead(t *testing.T) {
	by, first := findings(`500 of 4000 seeds played, 0 with findings
seed 7: prefix: at 3s: room 1: 5 to 5 comes where 4 is next
seed 7: membership: at 4s: something
seed 9: prefix: at 1s: again
panic: runtime error: index out of range
`)
	if !slices.Equal(by, []string{"prefix", "membership", "crash"}) || first != "seed 7: prefix: at 3s: room 1: 5 to 5 comes where 4 is next" {
		t.Errorf("got %v and %q", by, first)
	}
	if by, _ := findings("500 of 4000 seeds played, 0 with findings\npanic: test timed out after 3m0s\n"); len(by) > 0 {
		t.Errorf("found %v in nothing", by)
	}
}

func TestTheHarmInAReportIsRead(t *testing.T) {
	by, first, err := harm([]byte(`{"verdict":"FAILED","harm":{"stale":1,"lost":2,"doubled":0},"findings":[{"kind":"lost","what":"gone"}]}`))
	if err != nil || !slices.Equal(by, []string{"lost", "stale"}) || first != "lost: gone" {
		t.Errorf("got %v, %q, %v", by, first, err)
	}
	for _, text := range []string{"", "{}"} {
		if _, _, err := harm([]byte(text)); err == nil {
			t.Errorf("%q passes for a report", text)
		}
	}
}

func TestABugThatGotAwayAndAFindingWithoutABugFail(t *testing.T) {
	h := &hunt{out: io.Discard}
	caught := catch{Planting: planted.Planting{Name: planted.SweepOff}, by: []string{"progress"}}
	clean := catch{Planting: planted.Planting{Name: planted.None}}
	if err := h.judge([]catch{clean, caught}, nil); err != nil {
		t.Errorf("it should pass: %v", err)
	}
	away, ghost := caught, clean
	away.by, ghost.by = nil, []string{"progress"}
	for _, catches := range [][]catch{{clean, away}, {ghost, caught}, nil} {
		if err := h.judge(catches, nil); err == nil {
			t.Errorf("%v passes", catches)
		}
	}
}
