// The API and socket frames as TypeScript: pure types, no behaviour.
// docs/protocol.md is the contract; names and order follow the server's.

/** Somebody with an account, as `/me` and the administration show them. */
export interface User {
  id: number;
  username: string;
  name: string;
  role: Role;
  disabled: boolean;
}

export type Role = 'admin' | 'member' | 'bot';

/** A user wherever else one is named: in messages, rooms, events. */
export interface UserRef {
  id: number;
  username: string;
  name: string;
}

export interface Room {
  id: number;
  slug: string;
  name: string;
  topic: string;
  private: boolean;
  archived: boolean;
  joined: boolean;
  epoch: string;
  /** The head of the room's log: the number of its newest event of any kind. */
  last_seq: number;
  read_seq: number;
  /** Others' undeleted messages after `read_seq`. */
  unread: number;
  mentions: number;
}

export interface Message {
  room: number;
  seq: number;
  key: string;
  user: UserRef;
  /** What was written; empty for a deleted message. */
  text: string;
  /** Present only where the text has markup. */
  rich?: RichNode[];
  created_at: string;
  edited_at?: string;
  deleted_at?: string;
  /** The `seq` of the message this one answers. */
  reply_to?: number;
  reactions?: Reaction[];
}

export interface Reaction {
  emoji: string;
  count: number;
  /** The first few who reacted. */
  users: UserRef[];
  /** Left out in events. */
  mine?: boolean;
}

/** One node of message markup. */
export interface RichNode {
  t: RichKind;
  text?: string;
  href?: string;
  lang?: string;
  user?: number;
  start?: number;
  c?: RichNode[];
}

export type RichKind =
  | 'p'
  | 'h'
  | 'em'
  | 'strong'
  | 'del'
  | 'code'
  | 'pre'
  | 'quote'
  | 'ul'
  | 'ol'
  | 'li'
  | 'link'
  | 'br'
  | 'text'
  | 'mention'
  | 'room';

/** RFC 9457 problem details; `code` is stable. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string;
  code: string;
  errors?: FieldError[];
  request_id?: string;
}

export interface FieldError {
  field: string;
  code: string;
  detail: string;
}

// Requests and answers.

/** Zero means no limit where a rate or a number of connections is meant. */
export interface Limits {
  message_characters: number;
  message_bytes: number;
  messages_per_second: number;
  /** The fewest that a password may have. */
  password_characters: number;
  frame_bytes: number;
  page: number;
  connections_per_user: number;
}

export type Signup = 'open' | 'invite' | 'closed';

export interface Server {
  name: string;
  setup_needed: boolean;
  /** Set-up asks for the token of its address. */
  setup_token?: boolean;
  signup: Signup;
  limits: Limits;
  /** Only for signed-in people. */
  version?: string;
}

/** What an invitation's page shows. */
export interface Join {
  workspace: string;
  /** Missing when it was made by the shell. */
  inviter?: string;
  people: number;
}

export interface SetupRequest {
  username: string;
  password: string;
  workspace?: string;
  token?: string;
}

export interface SignupRequest {
  username: string;
  password: string;
  invite?: string;
}

export interface LoginRequest {
  username: string;
  password: string;
}

export interface UserAnswer {
  user: User;
}

export interface MeChange {
  name?: string;
}

export interface PasswordChange {
  current: string;
  new: string;
}

export interface Session {
  id: number;
  device: string;
  created_at: string;
  seen_at: string;
  current: boolean;
}

export interface SessionList {
  sessions: Session[];
}

export interface UserList {
  users: User[];
  next?: string;
}

export interface NewUser {
  username: string;
  password: string;
  name?: string;
  role?: Role;
}

export interface UserChange {
  name?: string;
  role?: Role;
  disabled?: boolean;
}

export interface Invite {
  id: number;
  /** Told once, to whoever made it. */
  code?: string;
  url?: string;
  uses: number;
  /** 0: no limit. */
  max_uses: number;
  created_at: string;
  expires_at: string;
}

export interface InviteList {
  invites: Invite[];
}

export interface NewInvite {
  uses?: number;
  /** In seconds; seven days if it is missing. */
  expires_in?: number;
}

export interface RoomList {
  rooms: Room[];
}

export interface NewRoom {
  name: string;
  slug?: string;
  topic?: string;
  private?: boolean;
}

export interface RoomChange {
  name?: string;
  slug?: string;
  topic?: string;
  private?: boolean;
}

export interface MemberList {
  members: UserRef[];
  next?: string;
}

export interface NewMessage {
  key: string;
  text: string;
  reply_to?: number;
}

/** `more` looks in the asked direction; `around` has one for each side. */
export interface MessagePage {
  messages: Message[];
  epoch: string;
  /** The room's head in the same snapshot as the messages. */
  head: number;
  more: boolean;
  more_before?: boolean;
  more_after?: boolean;
}

// Client to server over the socket: each with an `id`, answered by `re`.

export interface Cursor {
  epoch: string;
  seq: number;
}

export type ClientOp =
  | { op: 'resume'; rooms: Record<string, Cursor> }
  | { op: 'send'; room: number; key: string; text: string; reply_to?: number }
  | { op: 'read'; room: number; seq: number }
  | { op: 'typing'; room: number }
  | { op: 'watch'; room: number }
  | { op: 'unwatch'; room: number }
  | { op: 'ping' };

export type ClientFrame = ClientOp & { id: number };

export interface ResumedRoom {
  epoch: string;
  /** The room's head. */
  seq: number;
  reload?: boolean;
}

/** What each op answers with in `ok`. */
export interface OpAnswers {
  resume: { rooms: Record<string, ResumedRoom> };
  send: { seq: number; created_at: string };
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

export interface Hello {
  type: 'hello';
  user: User;
  epoch: string;
  heartbeat_s: number;
  limits: Limits;
}

interface Numbered {
  room: number;
  epoch: string;
  seq: number;
}

export interface MessageCreated extends Numbered {
  type: 'message.created';
  message: Message;
}

export interface MessageEdited extends Numbered {
  type: 'message.edited';
  message: Message;
}

export interface MessageDeleted extends Numbered {
  type: 'message.deleted';
  message: { seq: number; deleted_at: string };
}

export interface ReactionAdded extends Numbered {
  type: 'reaction.added';
  message_seq: number;
  emoji: string;
  user: UserRef;
}

export interface ReactionRemoved extends Numbered {
  type: 'reaction.removed';
  message_seq: number;
  emoji: string;
  user: UserRef;
}

export interface MemberJoined extends Numbered {
  type: 'member.joined';
  user: UserRef;
  by: UserRef;
  at: string;
}

export interface MemberLeft extends Numbered {
  type: 'member.left';
  user: UserRef;
  by: UserRef;
  at: string;
}

export interface RoomChanged extends Numbered {
  type: 'room.changed';
  changes: RoomChange & { archived?: boolean };
  by: UserRef;
  at: string;
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

/** Stands for events `from` to `to` that this person may not see. */
export interface Skip {
  type: 'skip';
  room: number;
  from: number;
  to: number;
}

export interface Typing {
  type: 'typing';
  room: number;
  user: UserRef;
}

export type PresenceState = 'active' | 'away' | 'offline';

/** The first after a `watch` names everybody who is here, later ones who changed. */
export interface Presence {
  type: 'presence';
  room: number;
  users: { id: number; state: PresenceState }[];
}

export interface Read {
  type: 'read';
  room: number;
  seq: number;
}

export interface RoomsChanged {
  type: 'rooms';
}

/** This room's history was replaced: forget it and fetch it again. */
export interface Reload {
  type: 'reload';
  room: number;
  epoch: string;
  seq: number;
}

export interface RoomRemoved {
  type: 'room.removed';
  room: number;
}

export interface Ping {
  type: 'ping';
}

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
