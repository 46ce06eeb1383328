package main

import (
	"reflect"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/markup"
	"github.com/parley-chat/parley/internal/wire"
)

// A part is one declaration of the file, or a line between them.
type part struct {
	name  string // of the type in TypeScript; "" for a line of comment
	of    any    // a value of the Go type, or nil
	text  string // the declaration where there is no Go type
	local bool   // not exported
}

func section(line string) part { return part{text: "// " + line} }

func union(name, doc string, members ...string) part {
	return part{name: name, text: unionOf(name, doc, members)}
}

// listing is the file from top to bottom.
func listing() []part {
	return join(
		[]part{
			section("People, rooms, messages."),
			{name: "User", of: wire.User{}},
			union("Role", "What an account may do on the whole server.", quoted(chat.RoleAdmin, chat.RoleMember, chat.RoleBot)...),
			{name: "UserRef", of: wire.UserRef{}},
			{name: "Room", of: wire.Room{}},
			{name: "Message", of: wire.Message{}},
			{name: "Reaction", of: wire.Reaction{}},
			{name: "RichNode", of: markup.Node{}},
			union("RichKind", "What a node of markup is.", kinds()...),
			{name: "Problem", of: wire.Problem{}},
			{name: "FieldError", of: wire.FieldError{}},
		},
		requests(), ops(), frames(),
	)
}

func requests() []part {
	return []part{
		section("Requests and answers."),
		{name: "Limits", of: wire.Limits{}},
		union("Signup", "Who may make an account.", "'open'", "'invite'", "'closed'"),
		{name: "Server", of: wire.Server{}},
		{name: "SetupRequest", of: wire.SetupRequest{}},
		{name: "SignupRequest", of: wire.SignupRequest{}},
		{name: "LoginRequest", of: wire.LoginRequest{}},
		{name: "UserAnswer", of: wire.UserAnswer{}},
		{name: "MeChange", of: wire.MeChange{}},
		{name: "PasswordChange", of: wire.PasswordChange{}},
		{name: "Session", of: wire.Session{}},
		{name: "SessionList", of: wire.SessionList{}},
		{name: "UserList", of: wire.UserList{}},
		{name: "NewUser", of: wire.NewUser{}},
		{name: "UserChange", of: wire.UserChange{}},
		{name: "Invite", of: wire.Invite{}},
		{name: "InviteList", of: wire.InviteList{}},
		{name: "NewInvite", of: wire.NewInvite{}},
		{name: "Join", of: wire.Join{}},
		{name: "RoomList", of: wire.RoomList{}},
		{name: "NewRoom", of: wire.NewRoom{}},
		{name: "RoomChange", of: wire.RoomChange{}},
		{name: "MemberList", of: wire.MemberList{}},
		{name: "ReadRequest", of: wire.ReadRequest{}},
		{name: "NewMessage", of: wire.NewMessage{}},
		{name: "MessageEdit", of: wire.MessageEdit{}},
		{name: "MessagePage", of: wire.MessagePage{}},
	}
}

// ops are the frames of clients. Their bodies are Go types, how they are
// joined is written here.
func ops() []part {
	return []part{
		section("Client to server over the socket: each with an `id`, answered by `re`."),
		{name: "Cursor", of: wire.Cursor{}},
		{name: "SendBody", of: wire.SendBody{}},
		{name: "ReadBody", of: wire.ReadBody{}},
		{name: "RoomBody", of: wire.RoomBody{}},
		{name: "ClientOp", text: `export type ClientOp =
  | { op: 'resume'; rooms: Record<string, Cursor> }
  | ({ op: 'send' } & SendBody)
  | ({ op: 'read' } & ReadBody)
  | ({ op: 'typing' | 'watch' | 'unwatch' } & RoomBody)
  | { op: 'ping' };`},
		{name: "ClientFrame", text: "export type ClientFrame = ClientOp & { id: number };"},
		{name: "ResumedRoom", of: wire.ResumedRoom{}},
		{name: "Resumed", of: wire.Resumed{}},
		{name: "Sent", of: wire.Sent{}},
		{name: "OpAnswers", text: `/** What each op answers with in ` + "`ok`" + `. */
export interface OpAnswers {
  resume: Resumed;
  send: Sent;
  read: object;
  typing: object;
  watch: object;
  unwatch: object;
  ping: object;
}`},
	}
}

func frames() []part {
	return []part{
		section("Server to client."),
		{name: "AnswerOk", text: "export interface AnswerOk {\n  re: number;\n  ok: unknown;\n}"},
		{name: "AnswerError", text: "export interface AnswerError {\n  re: number;\n  error: Problem;\n}"},
		{name: "Answer", text: "export type Answer = AnswerOk | AnswerError;"},
		{name: "Hello", of: wire.Hello{}},
		{name: "Numbered", of: wire.Numbered{}, local: true},
		{name: "MessageCreated", of: wire.MessageCreated{}},
		{name: "MessageEdited", of: wire.MessageEdited{}},
		{name: "MessageDeleted", of: wire.MessageDeleted{}},
		{name: "Deleted", of: wire.Deleted{}},
		{name: "ReactionAdded", of: wire.ReactionAdded{}},
		{name: "ReactionRemoved", of: wire.ReactionRemoved{}},
		{name: "MemberJoined", of: wire.MemberJoined{}},
		{name: "MemberLeft", of: wire.MemberLeft{}},
		{name: "RoomChanged", of: wire.RoomChanged{}},
		{name: "RoomChanges", of: wire.RoomChanges{}},
		union("RoomEvent", "Numbered: per room and connection `seq` grows by exactly one per frame.",
			"MessageCreated", "MessageEdited", "MessageDeleted", "ReactionAdded", "ReactionRemoved",
			"MemberJoined", "MemberLeft", "RoomChanged"),
		{name: "Skip", of: wire.Skip{}},
		{name: "Typing", of: wire.Typing{}},
		union("PresenceState", "Whether somebody is here.", "'active'", "'away'", "'offline'"),
		{name: "PresentUser", of: wire.PresenceState{}},
		{name: "Presence", of: wire.Presence{}},
		{name: "Read", of: wire.Read{}},
		{name: "RoomsChanged", of: wire.Rooms{}},
		{name: "Reload", of: wire.Reload{}},
		{name: "RoomRemoved", of: wire.RoomRemoved{}},
		{name: "Ping", of: wire.Ping{}},
		union("ServerFrame", "Every frame that is no answer.",
			"Hello", "RoomEvent", "Skip", "Typing", "Presence", "Read", "RoomsChanged", "Reload", "RoomRemoved", "Ping"),
	}
}

func kinds() []string {
	return quoted(markup.Paragraph, markup.Heading, markup.Quote, markup.Bullets, markup.Numbers, markup.Item,
		markup.CodeBlock, markup.Text, markup.Break, markup.Emphasis, markup.Strong, markup.Deleted, markup.Code,
		markup.Link, markup.Mention, markup.Room)
}

func quoted[T ~string](values ...T) []string {
	list := make([]string, len(values))
	for i, value := range values {
		list[i] = "'" + string(value) + "'"
	}
	return list
}

func join(lists ...[]part) []part {
	var all []part
	for _, list := range lists {
		all = append(all, list...)
	}
	return all
}

// names maps the listed Go types to their names.
func names(parts []part) map[reflect.Type]string {
	byType := map[reflect.Type]string{
		reflect.TypeFor[wire.Time]():   "string",
		reflect.TypeFor[chat.Role]():   "Role",
		reflect.TypeFor[markup.Kind](): "RichKind",
	}
	for _, p := range parts {
		if p.of != nil {
			byType[reflect.TypeOf(p.of)] = p.name
		}
	}
	return byType
}
