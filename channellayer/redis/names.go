package redis

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"

	"github.com/parley-chat/parley/channellayer/internal/bus"
)

// tagCount is the number of hash tags. Names are spread over them, so that a
// cluster of up to as many masters shares the load.
const tagCount = 64

// names makes and reads the names in Redis.
type names struct {
	prefix string // "pl:" or "pl:<namespace>:"
	tags   [tagCount]string
}

func newNames(namespace string) *names {
	n := &names{prefix: "pl:"}
	if namespace != "" {
		n.prefix += namespace + ":"
	}
	const share = 16384 / tagCount
	for found, i := 0, 0; found < tagCount; i++ {
		tag := strconv.Itoa(i)
		if place := bus.Slot(tag) / share; n.tags[place] == "" {
			n.tags[place] = tag
			found++
		}
	}
	return n
}

// The kinds of names.
const (
	kindGroup   = "g"
	kindProcess = "p"
	kindNotice  = "n"
	kindProbe   = "probe"
	kindQueue   = "q"
	kindFull    = "full"
)

// of returns the name of a thing of a kind; its tag is derived from the thing.
func (n *names) of(kind, thing string) string { return n.tagged(thing, kind, thing) }

// tagged is of with the tag of another thing, for keys that have to be in the
// same slot.
func (n *names) tagged(owner, kind, thing string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(owner))
	return n.prefix + "{" + n.tags[h.Sum32()%tagCount] + "}:" + kind + ":" + thing
}

func (n *names) probe(number int, process string) string {
	return fmt.Sprintf("%s{%d}:%s:%s", n.prefix, number, kindProbe, process)
}

// parse returns kind and thing of a name.
func (n *names) parse(name string) (kind, thing string) {
	_, rest, _ := strings.Cut(name, "}:")
	kind, thing, _ = strings.Cut(rest, ":")
	return kind, thing
}

// processHex is the number of hex digits of a process in a channel's name.
const processHex = 32

// processOf returns the process of a specific channel or non-local part, and
// false if it is not of the form that NewChannel gives.
func processOf(channel string) (string, bool) {
	mark := strings.IndexByte(channel, '!')
	if mark < processHex+2 || channel[mark-processHex-1] != '.' {
		return "", false
	}
	process := channel[mark-processHex : mark]
	return process, strings.Trim(process, "0123456789abcdef") == ""
}
