package main

import (
	"math"
	"runtime/debug"
	"testing"
	"testing/fstest"
)

func files(texts map[string]string) fstest.MapFS {
	system := fstest.MapFS{}
	for name, text := range texts {
		system[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return system
}

func TestTheSmallestLimitOfTheControlGroupsCounts(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  int64
	}{
		"no Linux": {nil, math.MaxInt64},
		"no limit": {map[string]string{"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "max\n"}, math.MaxInt64},
		"a service": {map[string]string{
			"proc/self/cgroup": "0::/system.slice/parley.service\n", "sys/fs/cgroup/system.slice/memory.max": "500\n",
			"sys/fs/cgroup/system.slice/parley.service/memory.max": "800\n",
		}, 500},
		"a container that is told its name outside": {map[string]string{
			"proc/self/cgroup": "0::/../docker/abc\n", "sys/fs/cgroup/memory.max": "700\n",
		}, 700},
		"the first version": {map[string]string{
			"proc/self/cgroup": "5:cpu:/\n4:memory:/a/b\n0::/\n", "sys/fs/cgroup/memory/a/memory.limit_in_bytes": "600\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
		}, 600},
	} {
		if got := memoryAllowed(files(c.files)); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

func TestTheCollectorIsToldOfTheLimitUnlessSomebodyDecidedOtherwise(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(before)
	system := files(map[string]string{"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "10000000000\n"})
	t.Setenv("GOMEMLIMIT", "20GiB")
	if boundMemory(system); debug.SetMemoryLimit(-1) != before {
		t.Error("GOMEMLIMIT was overridden")
	}
	t.Setenv("GOMEMLIMIT", "")
	if boundMemory(system); debug.SetMemoryLimit(-1) != 8_000_000_000 {
		t.Errorf("the limit is %d", debug.SetMemoryLimit(-1))
	}
}
