package config_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/config"
)

func TestTheBridgeToDjangoIsOffUnlessItIsAskedFor(t *testing.T) {
	s := config.Default()
	if len(s.Django.Channels) != 0 || s.Django.Mode != "core" || s.Django.Prefix != "asgi" {
		t.Errorf("got %+v", s.Django)
	}
}

func TestRoomsAndKeysOfTheBridgeAreLists(t *testing.T) {
	path := write(t, "new key\nold key\n")
	s, _, err := parse(t, map[string]string{"PARLEY_DJANGO_KEYS_FILE": path, "PARLEY_DJANGO_CHANNELS": "redis://:secret@host/1"}, "",
		"--django-rooms", "general=chat_general, 2nd-room=chat.2", "--django-prefix", "site")
	if err != nil {
		t.Fatal(err)
	}
	d := s.Django
	if !slices.Equal(d.Rooms, config.Pairs{{Slug: "general", Group: "chat_general"}, {Slug: "2nd-room", Group: "chat.2"}}) {
		t.Errorf("rooms: %v", d.Rooms)
	}
	if !slices.Equal(d.Keys, config.Keys{"new key", "old key"}) || d.Prefix != "site" {
		t.Errorf("got %+v", d)
	}
	if got := d.Channels.Hidden() + d.Keys.Hidden(); strings.Contains(got, "secret") || strings.Contains(got, "key") {
		t.Errorf("shown: %s", got)
	}
	if got := d.Rooms.String(); got != "general=chat_general,2nd-room=chat.2" {
		t.Errorf("rooms are written %s", got)
	}
}

func TestSeveralAddressesAreToldFromThoseOfSentinels(t *testing.T) {
	for text, want := range map[string]int{
		"redis://a":                         1,
		"redis://a,rediss://b,redis://c":    3,
		"redis-sentinel://a,redis-2,b/main": 1,
	} {
		var a config.Addresses
		if err := a.UnmarshalText([]byte(text)); err != nil || len(a) != want {
			t.Errorf("%s: %q, %v", text, a, err)
		}
	}
}

func TestSettingsOfTheBridgeThatDoNotGoTogetherAreNamed(t *testing.T) {
	const channels, rooms = "--django-channels=redis://localhost", "--django-rooms=general=chat_general"
	for _, c := range []struct {
		want string
		args []string
	}{
		{"--django-rooms: needs --django-channels", []string{rooms}},
		{"--django-keys: needs --django-channels", []string{"--django-keys=k"}},
		{"--django-channels: needs --django-rooms", []string{channels}},
		{"--django-channels: must be a single address", []string{channels + ",redis://other", rooms}},
		{"--django-channels: cannot be a cluster", []string{channels + ",other", rooms}},
		{"--django-channels: must look like redis://", []string{"--django-channels=http://localhost", rooms}},
		{"--django-keys: cannot be used in mode pubsub", []string{channels, rooms, "--django-mode=pubsub", "--django-keys=k"}},
		{"--django-keys: must list", []string{channels, rooms, "--django-keys=,"}},
		{"--django-prefix: must have", []string{channels, rooms, "--django-prefix=a b"}},
		{"--django-mode must be one of", []string{channels, rooms, "--django-mode=other"}},
		{"--django-rooms: must list pairs", []string{channels, "--django-rooms=general"}},
		{"--django-rooms: must list pairs", []string{channels, "--django-rooms=12=group"}},
		{"--django-rooms: must list pairs", []string{channels, "--django-rooms=general=a!b"}},
		{"--django-rooms: has a room or a group twice", []string{channels, "--django-rooms=a=g,b=g"}},
		{"--django-rooms: has a room or a group twice", []string{channels, "--django-rooms=a=g,a=h"}},
	} {
		if _, _, err := parse(t, nil, "", c.args...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %s", c.args, err, c.want)
		}
	}
}
