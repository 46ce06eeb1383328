package layertest

import (
	"testing"

	"github.com/parley-chat/parley/channellayer"
)

func groups() []testCase {
	return []testCase{
		{"AGroupMessageReachesTheMembersOfBothProcesses", aGroupMessageReachesTheMembersOfBothProcesses},
		{"AddingTwiceDeliversOnce", addingTwiceDeliversOnce},
		{"AfterDiscardNothingArrives", afterDiscardNothingArrives},
		{"DiscardingWhatIsNotInTheGroupIsNoError", discardingWhatIsNotInTheGroupIsNoError},
		{"AGroupWithoutMembersTakesMessages", aGroupWithoutMembersTakesMessages},
		{"GroupsAreSeparate", groupsAreSeparate},
		{"ANormalChannelCanBeAMember", aNormalChannelCanBeAMember},
		{"OnlyAnOpenSpecificChannelCanBeAdded", onlyAnOpenSpecificChannelCanBeAdded},
		{"ReceiversShareNothingTheyCouldAlter", receiversShareNothingTheyCouldAlter},
	}
}

func aGroupMessageReachesTheMembersOfBothProcesses(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{})
	members := []struct {
		layer channellayer.Layer
		name  string
	}{{b.A, b.channel(b.A)}, {b.A, b.channel(b.A)}, {b.B, b.channel(b.B)}}
	for _, m := range members {
		b.ok(m.layer.GroupAdd(b.ctx, "room", m.name))
	}
	b.ok(b.A.GroupSend(b.ctx, "room", numbered(1)))
	for _, m := range members {
		b.gets(m.layer, m.name, 1)
	}
	b.ok(b.B.GroupSend(b.ctx, "room", numbered(2)))
	for _, m := range members {
		b.gets(m.layer, m.name, 2)
		b.empty(m.layer, m.name)
	}
}

func addingTwiceDeliversOnce(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{})
	own := b.channel(b.A)
	b.ok(b.A.GroupAdd(b.ctx, "room", own))
	b.ok(b.A.GroupAdd(b.ctx, "room", own))
	b.ok(b.B.GroupSend(b.ctx, "room", numbered(1)))
	b.gets(b.A, own, 1)
	b.empty(b.A, own)
}

func afterDiscardNothingArrives(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{})
	own, stays := b.channel(b.A), b.channel(b.A)
	b.ok(b.A.GroupAdd(b.ctx, "room", own))
	b.ok(b.A.GroupAdd(b.ctx, "room", stays))
	b.ok(b.A.GroupDiscard(b.ctx, "room", own))
	b.ok(b.B.GroupSend(b.ctx, "room", numbered(1)))
	b.gets(b.A, stays, 1)
	b.empty(b.A, own)
	b.ok(b.A.GroupAdd(b.ctx, "room", own))
	b.ok(b.B.GroupSend(b.ctx, "room", numbered(2)))
	b.gets(b.A, own, 2)
}

func discardingWhatIsNotInTheGroupIsNoError(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{})
	b.ok(b.A.GroupDiscard(b.ctx, "room", b.channel(b.A)))
	b.ok(b.A.GroupDiscard(b.ctx, "room", "parley.0000!gone"))
}

func aGroupWithoutMembersTakesMessages(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{})
	b.ok(b.A.GroupSend(b.ctx, "nobody", numbered(1)))
	if n := b.A.Stats().Dropped(); n != 0 {
		t.Fatalf("%d drops counted; there was nobody to miss anything", n)
	}
}

func groupsAreSeparate(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{})
	one, two := b.channel(b.A), b.channel(b.A)
	b.ok(b.A.GroupAdd(b.ctx, "room.1", one))
	b.ok(b.A.GroupAdd(b.ctx, "room.2", two))
	b.ok(b.B.GroupSend(b.ctx, "room.1", numbered(1)))
	b.ok(b.B.GroupSend(b.ctx, "room.2", numbered(2)))
	b.gets(b.A, one, 1)
	b.gets(b.A, two, 2)
	b.empty(b.A, one)
	b.empty(b.A, two)
}

func aNormalChannelCanBeAMember(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{})
	b.needs(channellayer.AnyMember | channellayer.NormalChannels)
	b.ok(b.A.GroupAdd(b.ctx, "room", "log"))
	b.ok(b.B.GroupSend(b.ctx, "room", numbered(1)))
	b.gets(b.A, "log", 1)
	b.ok(b.B.GroupDiscard(b.ctx, "room", "log"))
	b.ok(b.B.GroupSend(b.ctx, "room", numbered(2)))
	b.empty(b.A, "log")
}

func onlyAnOpenSpecificChannelCanBeAdded(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{})
	own := b.channel(b.A)
	b.ok(b.A.Close(b.ctx, own))
	b.is(b.A.GroupAdd(b.ctx, "room", own), channellayer.ErrNoChannel)
}

func receiversShareNothingTheyCouldAlter(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{})
	one, two := b.channel(b.A), b.channel(b.A)
	b.ok(b.A.GroupAdd(b.ctx, "room", one))
	b.ok(b.A.GroupAdd(b.ctx, "room", two))
	b.ok(b.B.GroupSend(b.ctx, "room", sampler()))
	_, first := b.receive(b.A, one)
	clear(first.ToMap())
	if _, second := b.receive(b.A, two); !second.Equal(sampler()) {
		t.Fatal("what one receiver did to its copy reached another")
	}
}
