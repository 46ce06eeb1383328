// The API and socket frames as TypeScript: pure types, no behaviour.
// Written by internal/wire/tsgen from the server's types; do not edit.
// docs/protocol.md is the contract.

// People, rooms, messages.

/** An account, as its owner and administrators see it. */
export interface User extends UserRef {
  role: Role;
  disabled: boolean;
}

/** What an account may do on the whole server. */
export type Role = 'admin' | 'member' | 'bot';

/** A person beside a message or in a list. */
export interface UserRef {
  id: number;
  username: string;
  name: string;
}

/** A room as one person sees it. */
export interface Room {
  id: number;
  slug: string;
  name: string;
  topic: string;
  private: boolean;
  archived: boolean;
  joined: boolean;
  epoch: string;
  last_seq: number;
  read_seq: number;
  unread: number;
  mentions: number;
  /** How many people, where asked for. */
  members?: number;
}

/** What was said, as it is now. */
export interface Message {
  room: number;
  seq: number;
  key: string;
  user: UserRef;
  text: string;
  /** Only where the text has markup. */
  rich?: RichNode[];
  created_at: string;
  edited_at?: string;
  deleted_at?: string;
  reply_to?: number;
  reactions?: Reaction[];
}

/** One emoji under a message. Mine is there only in pages, where there is one viewer. */
export interface Reaction {
  emoji: string;
  count: number;
  users: UserRef[];
  mine?: boolean;
}

/** One node of a tree. */
export interface RichNode {
  t: RichKind;
  text?: string;
  href?: string;
  lang?: string;
  /** Left 0 by Parse, see Resolve. */
  user?: number;
  start?: number;
  c?: RichNode[];
}

/** What a node of markup is. */
export type RichKind =
  | 'p'
  | 'h'
  | 'quote'
  | 'ul'
  | 'ol'
  | 'li'
  | 'pre'
  | 'text'
  | 'br'
  | 'em'
  | 'strong'
  | 'del'
  | 'code'
  | 'link'
  | 'mention'
  | 'room';

/**
 * A refusal, as RFC 9457 has it (application/problem+json). Code is stable; docs/protocol.md
 * lists them all.
 */
export interface Problem {
  type: string;
  title: string;
  status: number;
  /** Always there; proxies leave it out. */
  detail?: string;
  code: string;
  errors?: FieldError[];
  request_id?: string;
}

/** What is wrong with one field. */
export interface FieldError {
  field: string;
  code: string;
  detail: string;
}

// Requests and answers.

/** The settings that a client must know. */
export interface Limits {
  message_characters: number;
  message_bytes: number;
  /** 0: no limit. */
  messages_per_second: number;
  /** At least. */
  password_characters: number;
  frame_bytes: number;
  page: number;
  /** 0: no limit. */
  connections_per_user: number;
}

/** Who may make an account. */
export type Signup = 'open' | 'invite' | 'closed';

/** What everybody may know of a server, signed in or not. */
export interface Server {
  /** Of the workspace. */
  name: string;
  setup_needed: boolean;
  /** Set-up asks for the token of its address. */
  setup_token?: boolean;
  /** Open, invite or closed. */
  signup: Signup;
  limits: Limits;
  /** For signed-in people only. */
  version?: string;
  /** Who asks. */
  user?: User;
}

/** Makes the first account. Token is the one at the end of the set-up address, if it has one. */
export interface SetupRequest {
  username: string;
  password: string;
  workspace?: string;
  token?: string;
}

/** Makes an account. Invite is the code of an invitation. */
export interface SignupRequest {
  username: string;
  password: string;
  invite?: string;
}

/** Signs in. */
export interface LoginRequest {
  username: string;
  password: string;
}

/** One account. */
export interface UserAnswer {
  user: User;
}

/** Alters one's own account. */
export interface MeChange {
  name?: string;
}

/** Replaces one's own password. */
export interface PasswordChange {
  current: string;
  new: string;
}

/** One signed-in browser. */
export interface Session {
  id: number;
  /** Such as "Firefox on Linux". */
  device: string;
  created_at: string;
  seen_at: string;
  /** The one that asks. */
  current: boolean;
}

/** Where somebody is signed in, newest first. */
export interface SessionList {
  sessions: Session[];
}

/**
 * A piece of the list of accounts. Next is the cursor of the following piece; without it
 * this is the last one.
 */
export interface UserList {
  users: User[];
  next?: string;
}

/** Makes an account for somebody else. */
export interface NewUser {
  username: string;
  password: string;
  name?: string;
  role?: Role;
}

/** Alters somebody's account. A new password ends all their browser sessions. */
export interface UserChange {
  name?: string;
  role?: Role;
  disabled?: boolean;
  password?: string;
}

/** An invitation. Its code and address are told once, to whoever made it. */
export interface Invite {
  id: number;
  code?: string;
  url?: string;
  uses: number;
  /** 0: no limit. */
  max_uses: number;
  created_at: string;
  expires_at: string;
}

/** The invitations that still work, newest first. */
export interface InviteList {
  invites: Invite[];
}

/**
 * Makes an invitation. Uses 0 is no limit; ExpiresIn is in seconds, seven days if it is
 * missing.
 */
export interface NewInvite {
  uses?: number;
  expires_in?: number;
}

/** What an invitation's page shows to whoever has its code. */
export interface Join {
  workspace: string;
  /** Name; missing when made by the shell. */
  inviter?: string;
  people: number;
}

/** The rooms that one person may see, by name. */
export interface RoomList {
  rooms: Room[];
}

/** Makes a room; without a slug one is made from the name. */
export interface NewRoom {
  name: string;
  slug?: string;
  topic?: string;
  private?: boolean;
}

/** Alters a room; archiving has calls of its own. */
export interface RoomChange {
  name?: string;
  slug?: string;
  topic?: string;
  private?: boolean;
}

/**
 * A piece of the list of a room's people. Next is the cursor of the following piece; without
 * it this is the last one.
 */
export interface MemberList {
  members: UserRef[];
  next?: string;
}

/** Moves one's read mark forward. */
export interface ReadRequest {
  seq: number;
}

/** Says something under a key of the client's making. */
export interface NewMessage {
  key: string;
  text: string;
  reply_to?: number;
}

/** Gives a message another text. */
export interface MessageEdit {
  text: string;
}

/**
 * A piece of history. More is in the asked direction; the other two are there for a page
 * around a message.
 */
export interface MessagePage {
  messages: Message[];
  epoch: string;
  head: number;
  more: boolean;
  more_before?: boolean;
  more_after?: boolean;
}

// Client to server over the socket: each with an `id`, answered by `re`.

/** A place in a room's log. */
export interface Cursor {
  epoch: string;
  seq: number;
}

/** A message. */
export interface SendBody {
  room: number;
  key: string;
  text: string;
  reply_to?: number;
}

/** A read mark. */
export interface ReadBody {
  room: number;
  seq: number;
}

/** Names the room of typing, watch and unwatch. */
export interface RoomBody {
  room: number;
}

export type ClientOp =
  | { op: 'resume'; rooms: Record<string, Cursor> }
  | ({ op: 'send' } & SendBody)
  | ({ op: 'read' } & ReadBody)
  | ({ op: 'typing' | 'watch' | 'unwatch' } & RoomBody)
  | { op: 'ping' };

export type ClientFrame = ClientOp & { id: number };

/** One room's head. Reload asks the client to fetch a page. */
export interface ResumedRoom {
  seq: number;
  epoch: string;
  reload?: boolean;
}

/** The answer to a resume: where each of my rooms is. */
export interface Resumed {
  rooms: Record<string, ResumedRoom>;
}

/** The answer to a send. */
export interface Sent {
  seq: number;
  created_at: string;
}

/** What each op answers with in `ok`. */
export interface OpAnswers {
  resume: Resumed;
  send: Sent;
  read: object;
  typing: object;
  watch: object;
  unwatch: object;
  ping: object;
}

// Server to client.

export interface AnswerOk {
  re: number;
  ok: unknown;
}

export interface AnswerError {
  re: number;
  error: Problem;
}

export type Answer = AnswerOk | AnswerError;

/** The first frame on a socket. */
export interface Hello {
  type: 'hello';
  user: User;
  epoch: string;
  heartbeat_s: number;
  limits: Limits;
}

/**
 * What all of them have: seq grows by exactly one from frame to frame of a room. Only, where
 * it is there, names those who see the event; others get a Skip in its place.
 */
interface Numbered {
  only?: number[];
  room: number;
  epoch: string;
  seq: number;
}

/** Somebody said something. */
export interface MessageCreated extends Numbered {
  type: 'message.created';
  message: Message;
}

/** Carries the whole message after the change. */
export interface MessageEdited extends Numbered {
  type: 'message.edited';
  message: Message;
}

/** A message was taken back. */
export interface MessageDeleted extends Numbered {
  type: 'message.deleted';
  message: Deleted;
}

/** What is left of a message. */
export interface Deleted {
  seq: number;
  deleted_at: string;
}

/** Somebody put an emoji under a message. */
export interface ReactionAdded extends Numbered {
  type: 'reaction.added';
  message_seq: number;
  emoji: string;
  user: UserRef;
}

/** Somebody took an emoji away. */
export interface ReactionRemoved extends Numbered {
  type: 'reaction.removed';
  message_seq: number;
  emoji: string;
  user: UserRef;
}

/** User came in; by let them in, possibly themselves. */
export interface MemberJoined extends Numbered {
  type: 'member.joined';
  user: UserRef;
  by: UserRef;
  at: string;
}

/** User is no longer in the room. */
export interface MemberLeft extends Numbered {
  type: 'member.left';
  user: UserRef;
  by: UserRef;
  at: string;
}

/** The room has another name, topic and so on. */
export interface RoomChanged extends Numbered {
  type: 'room.changed';
  changes: RoomChanges;
  by: UserRef;
  at: string;
}

/** The changed parts in a room.changed event. */
export interface RoomChanges {
  name?: string;
  slug?: string;
  topic?: string;
  private?: boolean;
  archived?: boolean;
}

/** Numbered: per room and connection `seq` grows by exactly one per frame. */
export type RoomEvent =
  | MessageCreated
  | MessageEdited
  | MessageDeleted
  | ReactionAdded
  | ReactionRemoved
  | MemberJoined
  | MemberLeft
  | RoomChanged;

/**
 * Stands for events that this person may not see, or whose text is gone: those with the
 * numbers from one to the other.
 */
export interface Skip {
  type: 'skip';
  room: number;
  from: number;
  to: number;
}

/** Somebody writes in a room that is watched. */
export interface Typing {
  type: 'typing';
  room: number;
  user: UserRef;
}

/** Whether somebody is here. */
export type PresenceState = 'active' | 'away' | 'offline';

/** One person's state. Nobody is "away" yet. */
export interface PresentUser {
  id: number;
  state: PresenceState;
}

/**
 * Who of a watched room is here. The first one after a watch lists everybody who is; later
 * ones those who changed.
 */
export interface Presence {
  type: 'presence';
  room: number;
  users: PresentUser[];
}

/** My read mark moved on another device. */
export interface Read {
  type: 'read';
  room: number;
  seq: number;
}

/** My list of rooms changed; fetch it again. */
export interface RoomsChanged {
  type: 'rooms';
}

/** The room's history was replaced. */
export interface Reload {
  type: 'reload';
  room: number;
  seq: number;
  epoch: string;
}

/** I am not in the room any more. */
export interface RoomRemoved {
  type: 'room.removed';
  room: number;
}

/** The server is there. Pages cannot see a WebSocket ping. */
export interface Ping {
  type: 'ping';
}

/** Every frame that is no answer. */
export type ServerFrame =
  | Hello
  | RoomEvent
  | Skip
  | Typing
  | Presence
  | Read
  | RoomsChanged
  | Reload
  | RoomRemoved
  | Ping;
