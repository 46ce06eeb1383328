package main

import (
	"io/fs"
	"math"
	"os"
	"path"
	"runtime/debug"
	"strconv"
	"strings"
)

// heapShare is the part of what the system allows that Go's memory may take:
// SQLite has memory of its own, and files that are read often should stay
// cached.
const heapShare = 0.8

// boundMemory has the collector work harder before the limit that a container
// or a service unit sets, instead of being killed there. Somebody who sets
// GOMEMLIMIT has decided otherwise. How often it collects without such need
// stays Go's own choice, or that of GOGC.
func boundMemory(system fs.FS) {
	if os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	if most := memoryAllowed(system); most < math.MaxInt64 {
		debug.SetMemoryLimit(int64(float64(most) * heapShare))
	}
}

// memoryAllowed is the smallest limit of the control groups that this process
// is in, in bytes; math.MaxInt64 without one. system is the root of the file
// system.
func memoryAllowed(system fs.FS) int64 {
	most := int64(math.MaxInt64)
	text, _ := fs.ReadFile(system, "proc/self/cgroup") // on Linux only
	for line := range strings.Lines(string(text)) {
		_, rest, _ := strings.Cut(strings.TrimSpace(line), ":")
		controllers, group, _ := strings.Cut(rest, ":")
		switch {
		case controllers == "":
			most = min(most, least(system, "sys/fs/cgroup", group, "memory.max"))
		case controllers == "memory":
			most = min(most, least(system, "sys/fs/cgroup/memory", group, "memory.limit_in_bytes"))
		}
	}
	return most
}

// least is the smallest limit of a group and those around it. In a container
// the group's name may be the one that it has outside, and is not found.
func least(system fs.FS, root, group, file string) int64 {
	most := int64(math.MaxInt64)
	for at := path.Clean("/" + group); ; at = path.Dir(at) {
		text, _ := fs.ReadFile(system, path.Join(root, at, file))
		if n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && n > 0 {
			most = min(most, n)
		}
		if at == "/" {
			return most
		}
	}
}
