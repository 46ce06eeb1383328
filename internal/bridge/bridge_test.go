package bridge_test

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/internal/bridge"
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/service"
	"github.com/parley-chat/parley/internal/store"
	"github.com/parley-chat/parley/internal/testkit/redistest"
)

// joined gives a stage whose room is bridged in pub/sub mode, and an
// application in the group.
func joined(t *testing.T) (*stage, *app, *bridge.Bridge) {
	t.Helper()
	server := redistest.Start(t)
	s := newStage(t)
	a := newApp(s, server.URL())
	b := s.bridge(bridge.Options{Mode: bridge.PubSub, URLs: []string{server.URL()}})
	s.awaitHearing(a)
	return s, a, b
}

// awaitHearing sends until something arrives, then clears it away.
func (s *stage) awaitHearing(a *app) {
	s.t.Helper()
	n := 0
	s.await("the room hears the group", func() bool {
		n++
		a.chats("probe", strconv.Itoa(n))
		return slices.ContainsFunc(s.texts(), func(text string) bool { return strings.HasPrefix(text, "probe: ") })
	})
	a.chats("probe", "last")
	s.sees("probe: last")
	for _, m := range s.messages() {
		s.must(s.service.DeleteMessage(s.t.Context(), s.ann, s.room, m.Seq))
	}
	for last := ""; last != "last"; {
		last, _ = a.next().Text("message")
	}
}

// undeleted are the texts that stand.
func (s *stage) undeleted() []string {
	return slices.DeleteFunc(s.texts(), func(text string) bool { return text == "" })
}

func TestTheBotIsABotWithoutPasswordAndSaysWhoSpoke(t *testing.T) {
	s, a, _ := joined(t)
	a.chats("bob", "hi")
	s.sees("bob: hi")
	messages := s.messages()
	user, err := s.store.User(t.Context(), messages[len(messages)-1].User.ID)
	s.must(err)
	hash, err := s.store.PasswordHash(t.Context(), user.ID)
	s.must(err)
	if user.Role != chat.RoleBot || user.Username != bridge.BotName || hash != "" {
		t.Errorf("said by %q, a %s with a hash of %d bytes", user.Username, user.Role, len(hash))
	}
}

func TestAPersonsAccountIsNeverTheBot(t *testing.T) {
	server := redistest.Start(t)
	s := newStage(t)
	person := s.add(bridge.BotName, chat.RoleMember)
	a := newApp(s, server.URL())
	s.bridge(bridge.Options{Mode: bridge.PubSub, URLs: []string{server.URL()}})
	s.awaitHearing(a)
	a.chats("bob", "hi")
	s.sees("bob: hi")
	messages := s.messages()
	if by := messages[len(messages)-1].User; by.ID == person.ID || by.Username != bridge.BotName+"-2" {
		t.Errorf("said by %q", by.Username)
	}
}

func TestTheSameBotSpeaksAfterARestart(t *testing.T) {
	s := newStage(t)
	first, err := s.service.Bot(t.Context(), bridge.BotName)
	s.must(err)
	second, err := s.service.Bot(t.Context(), bridge.BotName)
	s.must(err)
	if first.ID != second.ID {
		t.Errorf("two bots: %q and %q", first.Username, second.Username)
	}
}

func TestTheFirstAccountIsLeftToAPerson(t *testing.T) {
	server := redistest.Start(t)
	s := newEmptyStage(t)
	b := s.begin(bridge.Options{Mode: bridge.PubSub, URLs: []string{server.URL()}})
	s.await("redis is there", func() bool { return b.Stats().Up })
	if n, err := s.store.CountUsers(t.Context()); err != nil || n != 0 {
		t.Fatalf("%d accounts, %v", n, err)
	}
	s.add("ann", chat.RoleAdmin)
	s.addRoom()
	s.await("the bot comes in", s.hasBot)
}

func TestMessagesOfARoomReachTheGroupInTheShapeOfConsumers(t *testing.T) {
	s, a, b := joined(t)
	s.says("hello")
	m := a.next()
	want := map[string]any{
		"type": "chat.message", "message": "hello", "username": "ann", "room": "general", "parley": "ours",
	}
	if got := m.ToMap(); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	s.await("the echo is ignored", func() bool { return b.Stats().Echoes == 1 })
	if got := s.undeleted(); !slices.Equal(got, []string{"hello"}) {
		t.Errorf("the room has %q", got)
	}
}

func TestEditsDeletionsAndTheBotsOwnWordsAreNotSent(t *testing.T) {
	s, a, _ := joined(t)
	s.says("first")
	messages := s.messages()
	seq := messages[len(messages)-1].Seq
	_, err := s.service.EditMessage(t.Context(), s.ann, s.room, seq, "edited")
	s.must(err)
	s.must(s.service.DeleteMessage(t.Context(), s.ann, s.room, seq))
	a.chats("bob", "hi")
	s.sees("bob: hi")
	s.says("second")
	var got []string
	for len(got) < 3 {
		text, _ := a.next().Text("message")
		got = append(got, text)
	}
	if !slices.Equal(got, []string{"first", "hi", "second"}) {
		t.Errorf("the group got %q", got)
	}
}

func TestWhatAnotherParleySendsIsShown(t *testing.T) {
	s, a, _ := joined(t)
	a.send(channellayer.Text("type", "chat.message"), channellayer.Text("message", "hi"), channellayer.Text("username", "eve"),
		channellayer.Text("parley", "another"))
	s.sees("eve: hi")
}

func TestWhatIsNoChatMessageIsCountedAndNotSaid(t *testing.T) {
	s, a, b := joined(t)
	before := b.Stats()
	kind := channellayer.Text("type", "chat.message")
	a.send(channellayer.Text("type", "user.joined"), channellayer.Text("username", "bob"))
	a.send(kind, channellayer.Int("message", 1), channellayer.Text("username", "bob"))
	a.send(kind, channellayer.Text("message", "without a name"))
	a.send(kind, channellayer.Bytes("message", []byte("bytes")), channellayer.Text("username", "bob"))
	a.chats("bob", " \u200b\n\x00")
	a.chats("bob", "good")
	s.sees("bob: good")
	if got := s.undeleted(); !slices.Equal(got, []string{"bob: good"}) {
		t.Errorf("the room has %q", got)
	}
	after := b.Stats()
	for name, n := range map[string]uint64{"malformed": 3, "blank": 1} {
		if got := after.Drops[name] - before.Drops[name]; got != n {
			t.Errorf("%s counts %d, want %d", name, got, n)
		}
	}
	if after.Others-before.Others != 1 {
		t.Errorf("others counts %d, want 1", after.Others-before.Others)
	}
}

func TestATextThatIsTooLongIsCutAndSaysSo(t *testing.T) {
	s, a, _ := joined(t)
	for _, long := range []string{strings.Repeat("a", chat.MaxMessageCharacters), strings.Repeat("語", chat.MaxMessageBytes), strings.Repeat("é", 1<<18)} {
		a.chats("bob", long)
		n := len(s.messages())
		s.await("it is said", func() bool { return len(s.messages()) > n || strings.Contains(s.newest(), long[:2]) })
		text := s.newest()
		if !strings.HasPrefix(text, "bob: "+long[:3]) || !strings.HasSuffix(text, "[…]") {
			t.Errorf("said %.20q… of %d bytes", text, len(text))
		}
		if len(text) < chat.MaxMessageBytes-8 && utf8.RuneCountInString(text) < chat.MaxMessageCharacters {
			t.Errorf("cut to %d bytes", len(text))
		}
	}
}

func (s *stage) newest() string {
	messages := s.messages()
	return messages[len(messages)-1].Text
}

func TestHostileNamesBecomeOneLineWithoutMarkup(t *testing.T) {
	s, a, _ := joined(t)
	for name, want := range map[string]string{
		"bob":                        "bob",
		"Zoë Müller":                 "Zoë Müller",
		"देवी":                       "देवी",
		"o'neil@example.org":         "o'neil@example.org",
		"eve\nann: I quit":           "eve ann I quit",
		"@ann":                       "ann",
		"a _@ann":                    "a ann",
		"**bold** [x](http://e.org)": "bold xhttpe.org",
		"> quote":                    "quote",
		"- item -":                   "item",
		"\u202etxt.exe\u200b":        "txt.exe",
		"":                           "unknown",
		"😀\x00":                      "unknown",
		strings.Repeat("n", 1000):    strings.Repeat("n", 64),
	} {
		a.chats(name, "hi "+name)
		s.sees(want + ": hi " + strings.ReplaceAll(name, "\x00", ""))
	}
}

func TestMessagesBeyondTheLimitOfPostsWaitAndAreNotLost(t *testing.T) {
	server := redistest.Start(t)
	s := newStage(t)
	s.service = service.New(service.Options{Store: s.store, MessagesPerSecond: 5}) // a bot: 20, and 80 at once
	a := newApp(s, server.URL())
	b := s.bridge(bridge.Options{Mode: bridge.PubSub, URLs: []string{server.URL()}})
	s.awaitHearing(a)
	const burst = 120
	before := b.Stats().Received
	for i := range burst {
		a.chats("bob", strconv.Itoa(i))
	}
	s.await("all are said", func() bool { return b.Stats().Received-before == burst })
	for i, text := range s.undeleted() {
		if want := "bob: " + strconv.Itoa(i); text != want {
			t.Fatalf("message %d is %q", i, text)
		}
	}
}

func TestABotThatWasRemovedComesBackWhenItHasToSpeak(t *testing.T) {
	s, a, _ := joined(t)
	bot, err := s.service.Bot(t.Context(), bridge.BotName)
	s.must(err)
	s.must(s.service.RemoveMember(t.Context(), s.ann, s.room, bot.ID))
	a.chats("bob", "still here?")
	s.sees("bob: still here?")
}

func TestARefusalOfTheRoomIsCounted(t *testing.T) {
	s, a, b := joined(t)
	archived := true
	_, err := s.service.ChangeRoom(t.Context(), s.ann, s.room, chat.RoomChanges{Archived: &archived})
	s.must(err)
	a.chats("bob", "into the void")
	s.await("it is counted", func() bool { return b.Stats().Drops["refused"] == 1 })
}

func TestTheRoomMayBeMadeLater(t *testing.T) {
	server := redistest.Start(t)
	s := newEmptyStage(t)
	s.add("ann", chat.RoleAdmin)
	a := newApp(s, server.URL())
	s.begin(bridge.Options{Mode: bridge.PubSub, URLs: []string{server.URL()}})
	s.addRoom()
	s.await("the bot comes in", s.hasBot)
	s.awaitHearing(a)
}

func TestTheChatGoesOnWithoutRedisAndTheBridgeComesBack(t *testing.T) {
	for _, mode := range []bridge.Mode{bridge.Core, bridge.PubSub} {
		t.Run(string(mode), func(t *testing.T) {
			server := redistest.Start(t)
			s := newStage(t)
			b := s.bridge(bridge.Options{Mode: mode, URLs: []string{server.URL()}, Shared: true})
			server.Kill()
			s.await("the loss is noticed", func() bool { return b.State() == "away" })
			s.says("to nobody")
			s.await("the message is counted", func() bool { return b.Stats().Drops["unsent"] == 1 })
			server.RestartEmpty()
			s.await("the bridge is back", func() bool { return b.State() == "ok" })
			sent := b.Stats().Sent
			s.says("to somebody")
			s.await("messages are sent again", func() bool { return b.Stats().Sent == sent+1 })
		})
	}
}

func TestMoreThanTheQueueHoldsIsDroppedAndCountedAndNobodyWaits(t *testing.T) {
	server := redistest.Start(t)
	s := newStage(t)
	b := s.bridge(bridge.Options{Mode: bridge.PubSub, URLs: []string{server.URL()}})
	server.Freeze()
	defer server.Thaw()
	flood := make([]chat.Event, 3000)
	for i := range flood {
		flood[i] = chat.Event{Room: s.room, Kind: chat.MessageCreated, Actor: s.ann.User.UserRef, Message: chat.Message{User: s.ann.User.UserRef, Text: "x"}}
	}
	b.Committed(flood)
	if n := b.Stats().Drops["overflow"]; n < 1000 {
		t.Errorf("%d were dropped", n)
	}
}

func TestOnlyOneOfTwoNodesListensAndTheOtherTakesOver(t *testing.T) {
	server := redistest.Start(t)
	s := newStage(t)
	a := newApp(s, server.URL())
	o := bridge.Options{Mode: bridge.PubSub, URLs: []string{server.URL()}, Shared: true}
	first := s.bridge(o)
	second := s.begin(o)
	s.awaitHearing(a)
	a.chats("bob", "once")
	s.sees("bob: once")
	s.says("mark")
	if first.State() != "ok" || second.State() != "standby" {
		t.Fatalf("the first is %s, the second %s", first.State(), second.State())
	}
	if got := s.undeleted(); !slices.Equal(got, []string{"bob: once", "mark"}) {
		t.Fatalf("the room has %q", got)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	s.must(first.Close(ctx))
	s.await("the second listens", func() bool { return second.State() == "ok" })
	s.awaitHearing(a)
	if got := second.Stats().Received; got == 0 {
		t.Error("the second said nothing")
	}
}

func TestALeaseThatSomebodyElseTookEndsListeningAtOnce(t *testing.T) {
	server := redistest.Start(t)
	s := newStage(t)
	b := s.bridge(bridge.Options{Mode: bridge.PubSub, URLs: []string{server.URL()}, Shared: true})
	server.Do("SET", "pl:bridge:ours", "another", "PX", "3000")
	s.await("it stands by", func() bool { return b.State() == "standby" })
	s.await("it takes over when the other is gone", func() bool { return b.State() == "ok" })
}

func TestTheBotIsLetIntoAPrivateRoom(t *testing.T) {
	s := newStage(t)
	room, err := s.store.CreateRoom(t.Context(), store.NewRoom{Creator: s.ann.User.ID, Slug: "secret", Name: "Secret", Private: true})
	s.must(err)
	bot, err := s.service.Bot(t.Context(), bridge.BotName)
	s.must(err)
	for range 2 { // again makes no difference
		s.must(s.service.LetBotIn(t.Context(), bot, room.ID))
	}
	_, _, err = s.service.PostMessage(t.Context(), chat.Principal{User: bot}, room.ID, chat.Draft{Key: "k", Text: "here"})
	s.must(err)
}
