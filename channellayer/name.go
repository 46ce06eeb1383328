package channellayer

import (
	"fmt"
	"strings"
)

// MaxNameBytes is the length of the longest name of a channel or group.
const MaxNameBytes = 99

// CheckChannel returns an error that wraps ErrBadName unless name is the name
// of a channel: 1 to 99 of the ASCII letters, digits, '.', '-' and '_', with at
// most one '!' that is neither first nor last.
func CheckChannel(name string) error {
	if CheckReceivable(name) != nil || strings.HasSuffix(name, "!") {
		return badName(name, "channel")
	}
	return nil
}

// CheckReceivable is CheckChannel for the argument of Receive, which may also
// end in '!'.
func CheckReceivable(name string) error {
	if mark, ok := scanName(name); !ok || mark == 0 {
		return badName(name, "channel")
	}
	return nil
}

// CheckGroup returns an error that wraps ErrBadName unless name is the name of
// a group: as a channel's, but without '!'.
func CheckGroup(name string) error {
	if mark, ok := scanName(name); !ok || mark >= 0 {
		return badName(name, "group")
	}
	return nil
}

// NonLocal returns the part of a channel's name up to and including '!', or
// the whole name if it has none.
func NonLocal(channel string) string {
	return channel[:nonLocalLen(channel)]
}

// IsSpecific tells whether name has a '!', that is, names a channel of one
// process.
func IsSpecific(name string) bool { return strings.IndexByte(name, '!') >= 0 }

func nonLocalLen(channel string) int {
	if i := strings.IndexByte(channel, '!'); i >= 0 {
		return i + 1
	}
	return len(channel)
}

// scanName returns the place of the only '!' or -1, and whether all else is
// allowed.
func scanName(name string) (mark int, ok bool) {
	mark = -1
	if name == "" || len(name) > MaxNameBytes {
		return mark, false
	}
	for i := 0; i < len(name); i++ {
		switch c := name[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', c == '-', c == '_':
		case c == '!' && mark < 0:
			mark = i
		default:
			return mark, false
		}
	}
	return mark, true
}

// badName quotes at most a name's length of what was given, so that a log line
// stays a line.
func badName(name, kind string) error {
	if len(name) > MaxNameBytes+1 {
		name = name[:MaxNameBytes+1]
	}
	return fmt.Errorf("%w: %s %q", ErrBadName, kind, name)
}
