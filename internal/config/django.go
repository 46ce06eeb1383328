package config

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Django joins rooms to groups of a Django Channels application. Without
// Channels nothing is joined.
type Django struct {
	Channels Addresses `placeholder:"URL" help:"Redis of a Django Channels application, to join rooms to its groups. Whoever can write there can speak in those rooms."`
	Mode     string    `default:"core" enum:"core,pubsub" placeholder:"core|pubsub" help:"The application's channel layer: channels_redis.core or channels_redis.pubsub."`
	Rooms    Pairs     `placeholder:"ROOM=GROUP,…" help:"Which rooms are joined to which groups, such as general=chat_general."`
	Prefix   string    `default:"asgi" placeholder:"TEXT" help:"The prefix of the application's channel layer."`
	Keys     Keys      `placeholder:"KEY,…" help:"The symmetric_encryption_keys of the application's channel layer; the first encrypts. Only in mode core."`
}

// Bounds and forms of what is joined. A slug that is all digits would be an id.
const maxPairs = 100

var (
	slugForm  = regexp.MustCompile(`^([0-9]+[a-z_-]|[a-z])[a-z0-9_-]*$`)
	groupForm = regexp.MustCompile(`^[a-zA-Z0-9._-]{1,99}$`)
	// addressStart is a comma before an address, not one between sentinels.
	addressStart = regexp.MustCompile(`,(redis[a-z-]*://)`)
	prefixForm   = regexp.MustCompile(`^[a-zA-Z0-9._-]{1,32}$`)
)

// Validate checks that the settings go together.
func (d *Django) Validate() error {
	if len(d.Channels) == 0 {
		return d.validateOff()
	}
	switch {
	case len(d.Rooms) == 0:
		return Wrong("django-channels", "needs --django-rooms too, such as general=chat_general.")
	case d.Mode == "core" && len(d.Channels) > 1:
		return Wrong("django-channels", "must be a single address in mode core: channels_redis loses messages on several hosts.")
	case d.Mode == "pubsub" && len(d.Keys) > 0:
		return Wrong("django-keys", "cannot be used in mode pubsub: channels_redis 4.0 takes them and sends plain text all the same. Use mode core.")
	case !prefixForm.MatchString(d.Prefix):
		return Wrong("django-prefix", "must have 1 to 32 letters, digits or . _ -, not "+strconv.Quote(d.Prefix)+".")
	}
	return nil
}

// validateOff checks that nothing is asked of a bridge that is not there.
func (d *Django) validateOff() error {
	const missing = "needs --django-channels too, the address of the application's Redis."
	switch {
	case len(d.Rooms) > 0:
		return Wrong("django-rooms", missing)
	case len(d.Keys) > 0:
		return Wrong("django-keys", missing)
	}
	return nil
}

// Addresses are those of one or several Redis servers that do not form a
// cluster. They may hold passwords.
type Addresses []string

// UnmarshalText reads redis://… addresses with commas between them.
func (a *Addresses) UnmarshalText(text []byte) error {
	*a = nil
	for address := range strings.SplitSeq(addressStart.ReplaceAllString(string(text), "\n$1"), "\n") {
		if !strings.HasPrefix(address, "redis") || !strings.Contains(address, "://") {
			return errors.New("must look like redis://localhost:6379, rediss://:password@host or redis-sentinel://host-1,host-2/name")
		}
		if strings.Contains(address, ",") && !strings.Contains(address, "-sentinel://") {
			return errors.New("cannot be a cluster, which channels_redis does not know; separate whole addresses, each with redis://")
		}
		*a = append(*a, address)
	}
	return nil
}

// Hidden stands in their place.
func (a Addresses) Hidden() string { return hide(strings.Join(a, ",")) }

// Keys are secrets of encryption.
type Keys []string

// UnmarshalText reads keys with commas or line ends between them.
func (k *Keys) UnmarshalText(text []byte) error {
	*k = strings.FieldsFunc(string(text), func(r rune) bool { return strings.ContainsRune(",\r\n", r) })
	if len(*k) == 0 {
		return errors.New("must list one or more keys")
	}
	return nil
}

// Hidden stands in their place.
func (k Keys) Hidden() string { return hide(strings.Join(k, ",")) }

// Pair is a room and the group that it is joined to.
type Pair struct{ Slug, Group string }

// Pairs are rooms with their groups. No room and no group is in it twice.
type Pairs []Pair

// UnmarshalText reads room=group pairs with commas between them.
func (p *Pairs) UnmarshalText(text []byte) error {
	*p = nil
	seen := map[string]bool{}
	for part := range strings.SplitSeq(string(text), ",") {
		slug, group, _ := strings.Cut(strings.TrimSpace(part), "=")
		if !slugForm.MatchString(slug) || len(slug) > 64 || !groupForm.MatchString(group) {
			return errors.New("must list pairs such as general=chat_general; this is none: " + strconv.Quote(part))
		}
		if seen["room "+slug] || seen["group "+group] {
			return errors.New("has a room or a group twice: " + strconv.Quote(part))
		}
		seen["room "+slug], seen["group "+group] = true, true
		*p = append(*p, Pair{slug, group})
	}
	if len(*p) > maxPairs {
		return fmt.Errorf("can join at most %d rooms", maxPairs)
	}
	return nil
}

// String gives the list as it is written.
func (p Pairs) String() string {
	parts := make([]string, len(p))
	for i, pair := range p {
		parts[i] = pair.Slug + "=" + pair.Group
	}
	return strings.Join(parts, ",")
}
