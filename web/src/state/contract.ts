// What the screens may rely on: everything they read is a signal, everything
// they do is a method. Nothing here touches the page; createParley (parley.ts)
// builds it from the browser's parts, tests build it from fakes.
//
// Objects held by signals are frozen and replaced, never changed: a component
// may be memoised on their identity.
import type { ReadonlySignal } from '@preact/signals';
import type { Api, Failure } from '../wire/api.ts';
import type {
  Limits,
  LoginRequest,
  Message,
  NewRoom,
  PresenceState,
  Problem,
  Room,
  RoomChange,
  Server,
  SetupRequest,
  SignupRequest,
  User,
  UserRef,
} from '../wire/protocol.ts';

/** One signed-in (or not yet signed-in) client. There is one per page. */
export interface Parley {
  readonly api: Api;
  readonly session: SessionState;
  readonly connection: ConnectionState;
  readonly rooms: RoomsState;
  readonly place: PlaceState;
  readonly outbox: OutboxState;
  readonly drafts: DraftsState;
  readonly messages: MessagesState;
  readonly company: CompanyState;
  readonly preferences: PreferencesState;
  /** The room's messages; the same object for the same room for ever. */
  timeline(room: number): TimelineState;
  /** Finds out who is here and connects. Call once, from app.tsx. */
  start(): Promise<void>;
  /** Lets go of timers, listeners and the socket (tests, hot reload). */
  stop(): void;
}

// Failures. Every method that returns a promise rejects with a Failure and
// nothing else: `failure(err)` of wire/api.ts gives the type back.

export type { Failure };

export type Loading = 'idle' | 'loading' | 'ready' | 'error';

// Session

/**
 * `starting`: nothing known yet. `setup`: the server has no user. `signed-out`:
 * show sign-in. `signed-in`: `user` is set. `unreachable`: the first request
 * failed; `failure` says how; it is tried again by itself. `ended`: signed out
 * while in use (elsewhere, or expired): show the dialog over the room; drafts
 * and waiting messages are kept. `refused`: this account may not use this server.
 */
export type SessionPhase = 'starting' | 'setup' | 'signed-out' | 'signed-in' | 'unreachable' | 'ended' | 'refused';

export interface SessionState {
  readonly phase: ReadonlySignal<SessionPhase>;
  /** Whoever is signed in; stays set in phase `ended`. */
  readonly user: ReadonlySignal<User | null>;
  /** Name, sign-up mode and limits; null until fetched. */
  readonly server: ReadonlySignal<Server | null>;
  readonly limits: ReadonlySignal<Limits>;
  readonly failure: ReadonlySignal<Failure | null>;
  setUp(form: SetupRequest): Promise<void>;
  signUp(form: SignupRequest): Promise<void>;
  logIn(form: LoginRequest): Promise<void>;
  /** A chosen sign-out: drafts and waiting messages on this device are deleted. */
  logOut(): Promise<void>;
  rename(name: string): Promise<void>;
}

// Connection

/** What the banner says; `none` also during the first 3 s without a connection. */
export type Banner = 'none' | 'reconnecting' | 'offline' | 'updated' | 'stopped';

export interface ConnectionState {
  readonly connected: ReadonlySignal<boolean>;
  readonly banner: ReadonlySignal<Banner>;
  /** Why it was given up for good (banner `stopped`): a close code, for "Details". */
  readonly closeCode: ReadonlySignal<number | null>;
  /** "Try now". */
  retry(): void;
}

// Rooms

export interface RoomsState {
  readonly status: ReadonlySignal<Loading>;
  readonly failure: ReadonlySignal<Failure | null>;
  /** All rooms I may see, archived ones too, by name. */
  readonly all: ReadonlySignal<readonly Room[]>;
  /** Those I am in and that are not archived, by name: the sidebar. */
  readonly mine: ReadonlySignal<readonly Room[]>;
  /** Mentions in all my rooms: the number in the tab title. */
  readonly mentions: ReadonlySignal<number>;
  /** Whether any room of mine has something unread: the favicon's dot. */
  readonly anyUnread: ReadonlySignal<boolean>;
  /** Reads `all`, so components that call these follow changes. */
  byId(id: number): Room | undefined;
  bySlug(slug: string): Room | undefined;
  load(): Promise<void>;
  create(form: NewRoom): Promise<Room>;
  change(room: number, change: RoomChange): Promise<void>;
  archive(room: number): Promise<void>;
  restore(room: number): Promise<void>;
  remove(room: number): Promise<void>;
  join(room: number): Promise<void>;
  leave(room: number): Promise<void>;
}

// The open room

export interface PlaceState {
  /** The open room's id, or null. */
  readonly room: ReadonlySignal<number | null>;
  /** The New line stands above the first message after this seq; null for none. */
  readonly newAfter: ReadonlySignal<number | null>;
  /** How many unread messages there were when the room was opened, for "40 new since 09:12". */
  readonly newCount: ReadonlySignal<number>;
  /**
   * Opens a room: shows what is in memory, fetches what is newer, watches
   * presence and typing, places the New line. `at` opens around a message
   * (permalink). Opening the open room again only looks for `at`.
   */
  open(room: number, at?: number): void;
  /** Leaves the open room; its New line goes. */
  close(): void;
  /**
   * Tell whether the end of the list is visible. After 1 s of that, in a
   * visible and focused window, the room is read.
   */
  endVisible(visible: boolean): void;
  /**
   * Tell which message is being read while not at the end (its seq, null at the
   * end): if the room must be reloaded, it is reloaded around it.
   */
  reading(seq: number | null): void;
  /** Esc: the room is read now, and the New line goes. */
  markRead(): void;
  /** Shift+Esc: all rooms are read. */
  markAllRead(): void;
}

// A room's messages

/** A message as the server has it. `id` is a stable key for the row. */
export interface MessageEntry {
  readonly kind: 'message';
  readonly id: string;
  readonly seq: number;
  readonly message: Message;
  /** When it was written, in ms since 1970. */
  readonly at: number;
  /** Its text names me. */
  readonly mentionsMe: boolean;
  /** A change of mine that the server has not confirmed yet. */
  readonly unconfirmed: boolean;
}

/** Somebody came or went, or the room was changed: seen live only. */
export interface SystemEntry {
  readonly kind: 'system';
  readonly id: string;
  readonly seq: number;
  readonly at: number;
  readonly event: SystemEvent;
}

export type SystemEvent =
  | { readonly type: 'joined'; readonly user: UserRef; readonly by: UserRef }
  | { readonly type: 'left'; readonly user: UserRef; readonly by: UserRef }
  | { readonly type: 'renamed'; readonly name: string; readonly by: UserRef }
  | { readonly type: 'topic'; readonly topic: string; readonly by: UserRef }
  | { readonly type: 'archived'; readonly by: UserRef }
  | { readonly type: 'restored'; readonly by: UserRef };

/**
 * A message of mine that is not confirmed; always after all others. The row
 * keeps its `id` when the server's copy takes its place.
 */
export interface PendingEntry {
  readonly kind: 'pending';
  readonly id: string;
  readonly at: number;
  readonly item: OutboxItem;
}

export type Entry = MessageEntry | SystemEntry | PendingEntry;

/** What lies beyond an edge of what is in memory. */
export type Edge = 'end' | 'more' | 'loading' | 'error';

export interface TimelineState {
  readonly room: number;
  /** Ascending, pending ones last. Deleted messages only stand while something answers them. */
  readonly entries: ReadonlySignal<readonly Entry[]>;
  readonly status: ReadonlySignal<Loading>;
  /** Why `status` is `error`; code `not_found` for a room that is gone or not for me. */
  readonly failure: ReadonlySignal<Failure | null>;
  readonly older: ReadonlySignal<Edge>;
  /** Other than `end` after a permalink: what comes live is then not in `entries`. */
  readonly newer: ReadonlySignal<Edge>;
  /** Counts up whenever the entries were replaced as a whole (first page, reload, jump). */
  readonly generation: ReadonlySignal<number>;
  loadOlder(): Promise<void>;
  loadNewer(): Promise<void>;
  /** "Try again" of the whole list. */
  retry(): Promise<void>;
  /** Back to the newest page; nothing to do when it is in memory. */
  toLatest(): Promise<void>;
  /**
   * Loads around a seq unless that message is in memory. False: no message has
   * this seq (what is around it is shown all the same), or see `failure`.
   */
  toMessage(seq: number): Promise<boolean>;
  /**
   * The message that a reply answers: from memory, else fetched once.
   * undefined while unknown, null when it is deleted or does not exist.
   */
  quoted(seq: number): ReadonlySignal<Message | null | undefined>;
  /** The newest message of mine that can be edited: Up in an empty composer. */
  lastOfMine(): MessageEntry | undefined;
}

// Sending

/**
 * `waiting`: queued behind another or for a connection. `sending`: on its way.
 * `sent`: confirmed, its event has not come yet. `failed`: refused; `problem` says why.
 */
export type OutboxPhase = 'waiting' | 'sending' | 'sent' | 'failed';

export interface OutboxItem {
  readonly key: string;
  readonly room: number;
  readonly text: string;
  readonly replyTo: number | null;
  /** When it was written, in ms since 1970. */
  readonly at: number;
  readonly phase: OutboxPhase;
  readonly problem: Problem | null;
}

export interface OutboxState {
  /** Everything not confirmed, in the order it was written. */
  readonly items: ReadonlySignal<readonly OutboxItem[]>;
  /** Shows the message at once and sends it when it can. Null: 200 are waiting already, keep the text. */
  send(room: number, text: string, replyTo?: number): OutboxItem | null;
  /** "Try again" of a failed one, under the same key. */
  retry(key: string): void;
  /** "Delete" of one that failed or waits. */
  discard(key: string): void;
}

// Drafts

export interface Draft {
  readonly text: string;
  readonly replyTo: number | null;
}

export interface DraftsState {
  /** Rooms that carry a pencil. */
  readonly rooms: ReadonlySignal<ReadonlySet<number>>;
  /** What was being written here; empty text if nothing. Not reactive: read it when a room opens. */
  read(room: number): Draft;
  /** Call at every key; saved 300 ms after the last, and when the page is hidden. */
  write(room: number, draft: Draft): void;
  clear(room: number): void;
}

// What can be done to a message

export interface MessagesState {
  /** Shown at once, taken back if the server refuses. */
  edit(room: number, seq: number, text: string): Promise<void>;
  react(room: number, seq: number, emoji: string, on: boolean): Promise<void>;
  /** Hides the message and deletes it in 5 s, unless `undo` is called before. */
  remove(room: number, seq: number): Removal;
  /** The last one of these that failed, for a toast; set to null by `dismiss`. */
  readonly failure: ReadonlySignal<Failure | null>;
  dismiss(): void;
}

export interface Removal {
  undo(): void;
  /** Settles when it is deleted or undone; rejects (and shows it again) if the server refuses. */
  readonly done: Promise<void>;
}

// Who is here

export interface CompanyState {
  /** Others who are typing in the room, longest first. */
  typing(room: number): ReadonlySignal<readonly UserRef[]>;
  /** By user id; people not named are offline. Known for the open room only. */
  presence(room: number): ReadonlySignal<ReadonlyMap<number, PresenceState>>;
  /** Call at every key in the composer; told to the server at most every 3 s. */
  keyPressed(room: number): void;
}

// Preferences of this device

export interface Preferences {
  readonly theme: 'system' | 'light' | 'dark';
  readonly density: 'comfortable' | 'compact';
  readonly textSize: 's' | 'm' | 'l';
  /** Enter sends; otherwise Ctrl or Cmd with Enter. */
  readonly enterSends: boolean;
  /** In CSS pixels, 220 to 360. */
  readonly sidebarWidth: number;
}

export interface PreferencesState {
  /** Follows changes made in other tabs. */
  readonly value: ReadonlySignal<Preferences>;
  change(part: Partial<Preferences>): void;
}
