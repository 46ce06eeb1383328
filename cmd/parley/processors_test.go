package main

import (
	"runtime"
	"testing"
)

func TestOneCoreGetsASecondPlaceUnlessSomebodyHasDecidedOtherwise(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	t.Cleanup(func() { runtime.GOMAXPROCS(before) })
	for chosen, want := range map[string]int{"": 2, "1": 1} {
		runtime.GOMAXPROCS(1)
		t.Setenv("GOMAXPROCS", chosen)
		spareProcessor()
		if got := runtime.GOMAXPROCS(0); got != want {
			t.Errorf("with GOMAXPROCS=%q there are %d places, want %d", chosen, got, want)
		}
	}
}
