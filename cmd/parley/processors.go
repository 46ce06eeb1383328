package main

import (
	"os"
	"runtime"
)

// spareProcessor gives the program a second place to run goroutines where it
// has one core. A commit waits for the disk in a system call and keeps its
// place meanwhile, until the runtime notices: with one place nobody reads,
// decodes or writes in that time. Somebody who sets GOMAXPROCS has decided
// otherwise.
func spareProcessor() {
	if os.Getenv("GOMAXPROCS") == "" && runtime.GOMAXPROCS(0) == 1 {
		runtime.GOMAXPROCS(2)
	}
}
