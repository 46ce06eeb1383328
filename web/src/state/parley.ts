// Puts the parts together. Each part knows only what it is handed here.
import { batch } from '@preact/signals';
import type { Env } from '../lib/env.ts';
import { Connection } from '../realtime/connection.ts';
import { Feed } from '../realtime/feed.ts';
import { createApi, type Api } from '../wire/api.ts';
import { pastGateways } from '../wire/gateway.ts';
import type { Hello, OpAnswers, Room, RoomEvent, ServerFrame, User } from '../wire/protocol.ts';
import { MessageActions } from './action.ts';
import { Company } from './company.ts';
import { ConnectionStatus } from './connection.ts';
import type { Parley } from './contract.ts';
import { Drafts } from './draft.ts';
import { Outbox } from './outbox.ts';
import { Place } from './place.ts';
import { DevicePreferences } from './preference.ts';
import { ReadMarks } from './read.ts';
import { Rooms } from './room.ts';
import { Session } from './session.ts';
import type { Timeline, TimelineParts } from './timeline.ts';
import { Timelines } from './timelines.ts';

/** Builds the client's state from the browser's parts. */
export function createParley(env: Env): Parley {
  return new Client(env);
}

// Before anybody is signed in; no message is theirs.
const nobody = Object.freeze({ id: 0, username: '', name: '' });
// The first list of rooms says where to resume: worth so long a wait.
const listWithin = 3000;
// After coming back, the server's version is asked for within this time, so
// that not all clients of a restarted server ask at once.
const versionWithin = 10_000;

class Client implements Parley {
  readonly api: Api;
  readonly session: Session;
  readonly connection: ConnectionStatus;
  readonly rooms: Rooms;
  readonly place: Place;
  readonly outbox: Outbox;
  readonly drafts: Drafts;
  readonly messages: MessageActions;
  readonly company: Company;
  readonly preferences: DevicePreferences;
  readonly #env: Env;
  readonly #reads: ReadMarks;
  readonly #timelines: Timelines;
  readonly #feed: Feed;
  readonly #socket: Connection;
  readonly #unwatch: () => void;
  #cancelVersion: (() => void) | null = null;
  #connectedBefore = false;

  constructor(env: Env) {
    const { clock, page, store, random } = env;
    this.#env = env;
    this.api = createApi(pastGateways(env.fetch, clock));
    this.#feed = new Feed(this.#sink());
    this.#socket = new Connection(env, this.#listener());
    this.preferences = new DevicePreferences(store);
    this.drafts = new Drafts(env);
    this.outbox = new Outbox({ clock, random, store, newKey: env.newKey, ...this.#post() });
    this.#reads = new ReadMarks({ clock, random, tell: (room, seq) => this.#socket.request({ op: 'read', room, seq }) });
    this.#timelines = new Timelines(this.#timelineParts());
    this.rooms = new Rooms({
      api: this.api,
      clock,
      me: () => this.#me(),
      countAfter: (room, seq) => this.#timelines.peek(room)?.countAfter(seq) ?? null,
      listed: (rooms) => this.#listed(rooms),
    });
    this.company = new Company({ clock, me: () => this.#me().id, tell: (room) => this.#socket.tell({ op: 'typing', room }) });
    this.messages = new MessageActions({ ...env, api: this.api, me: () => this.#me(), timeline: (room) => this.timeline(room) });
    this.place = new Place({
      clock,
      page,
      rooms: this.rooms,
      reads: this.#reads,
      timeline: (room) => this.timeline(room),
      received: (room) => this.#received(room),
      watch: (room, yes) => this.#watch(room, yes),
    });
    this.connection = new ConnectionStatus({ clock, page, phase: this.#socket.phase, retry: () => this.#socket.retry() });
    this.session = new Session({
      ...env,
      api: this.api,
      entered: (user) => this.#entered(user),
      over: () => this.#socket.stop(),
      leaving: () => this.#leaving(),
    });
    this.#unwatch = page.watch(() => this.#renew());
  }

  timeline(room: number): Timeline {
    return this.#timelines.of(room);
  }

  async start(): Promise<void> {
    // Asked for before it is certain that somebody is signed in: one wait less.
    if (this.session.expected) void this.rooms.load();
    await this.session.check();
  }

  stop(): void {
    this.#unwatch();
    this.#cancelVersion?.();
    this.#socket.stop();
    const parts = [this.session, this.connection, this.rooms, this.place, this.outbox, this.drafts];
    for (const part of parts) part.stop();
    for (const part of [this.messages, this.company, this.preferences, this.#reads, this.#timelines]) part.stop();
  }

  #received(room: number): number | undefined {
    return this.#feed.cursors.seq(room);
  }

  #me() {
    return this.session.user.peek() ?? nobody;
  }

  // Somebody is signed in, for the first time or again.
  #entered(user: User): void {
    this.drafts.begin(user.id);
    this.outbox.begin(user.id);
    this.#loadRooms();
    this.#socket.start();
  }

  #loadRooms(): void {
    const status = this.rooms.status.peek();
    if (status === 'idle' || status === 'error') void this.rooms.load();
  }

  #leaving(): void {
    this.#socket.stop();
    this.outbox.clear();
    this.drafts.clearAll();
  }

  #listener() {
    return {
      hello: (frame: Hello) => this.#greeted(frame),
      cursors: () => this.#feed.resumeFrom(),
      resumed: (answer: OpAnswers['resume']) => this.#resumed(answer),
      frame: (frame: ServerFrame) => batch(() => this.#feed.frame(frame)),
      lost: () => this.#lost(),
      unopened: () => void this.session.check(),
      final: (why: 'end' | 'refuse' | 'stop', code: number) => this.#gaveUp(why, code),
    };
  }

  async #greeted(frame: Hello): Promise<void> {
    this.session.greeted(frame.user, frame.limits);
    await new Promise<void>((resolve) => {
      const cancel = this.#env.clock.after(listWithin, resolve);
      void this.rooms.loaded().then(() => {
        cancel();
        resolve();
      });
    });
  }

  #resumed(answer: OpAnswers['resume']): void {
    batch(() => this.#feed.resumed(answer));
    this.#loadRooms();
    this.outbox.connected(true);
    this.#reads.connected(true);
    const open = this.place.room.peek();
    if (open !== null) {
      this.#watch(open, true);
      this.#refresh(this.timeline(open));
    }
    this.#askVersion();
  }

  // What the open room could not load before, or is not told live.
  #refresh(timeline: Timeline): void {
    if (timeline.status.peek() === 'error') void timeline.retry();
    else if (this.#received(timeline.room) === undefined) void timeline.reload();
  }

  #lost(): void {
    this.outbox.connected(false);
    this.#reads.connected(false);
  }

  #gaveUp(why: 'end' | 'refuse' | 'stop', code: number): void {
    if (why === 'stop') this.connection.gaveUp(code);
    else this.session.over(why === 'end' ? 'ended' : 'refused');
  }

  // After signing in on this page, since only then the server tells it; after
  // coming back, to see whether this page is still the server's version.
  #askVersion(): void {
    const again = this.#connectedBefore;
    this.#connectedBefore = true;
    this.#cancelVersion?.();
    if (!again && this.session.server.peek()?.version !== undefined) return;
    const wait = again ? versionWithin * this.#env.random() : 0;
    this.#cancelVersion = this.#env.clock.after(wait, () => void this.#compareVersion());
  }

  async #compareVersion(): Promise<void> {
    const before = this.session.server.peek()?.version;
    const now = (await this.session.loadServer())?.version;
    if (before !== undefined && now !== undefined && before !== now) this.connection.outdated();
  }

  // A hidden tab that is out of date and in which nothing is being written
  // takes up the new version by itself.
  #renew(): void {
    if (this.connection.banner.peek() !== 'updated' || this.#env.page.visible()) return;
    const open = this.place.room.peek();
    const writing = open !== null && this.drafts.rooms.peek().has(open);
    if (!writing && this.outbox.items.peek().length === 0) this.#env.page.reload();
  }

  #post() {
    return {
      deliver: async ({ room, key, text, replyTo }: { room: number; key: string; text: string; replyTo: number | null }) => {
        const reply = replyTo === null ? {} : { reply_to: replyTo };
        return (await this.#socket.request({ op: 'send', room, key, text, ...reply })).seq;
      },
      delivered: ({ room }: { room: number }) => {
        this.company.said();
        if (this.#timelines.peek(room)?.fetching !== true) this.outbox.settle(room, this.#received(room) ?? Infinity);
      },
    };
  }

  #timelineParts(): TimelineParts {
    return {
      clock: this.#env.clock,
      visible: () => this.#env.page.visible(),
      me: () => this.#me(),
      fetch: (room, query) => this.api.messages(room, query),
      pending: this.outbox.items,
      seen: (key) => this.outbox.seen(key),
      settled: (room, seq) => this.outbox.settle(room, seq),
      received: (room) => this.#received(room),
      reading: (room) => this.place.readingIn(room),
    };
  }

  #sink() {
    return {
      event: (event: RoomEvent) => this.#event(event),
      reload: (room: number) => this.#reload(room),
      removed: (room: number) => {
        this.rooms.left(room);
        this.#timelines.peek(room)?.forget();
      },
      rooms: () => this.rooms.refetch(),
      read: (frame: { room: number; seq: number }) => this.rooms.read(frame.room, frame.seq),
      typing: (frame: Parameters<Company['typed']>[0]) => this.company.typed(frame),
      presence: (frame: Parameters<Company['present']>[0]) => this.company.present(frame),
      reconnect: () => this.#socket.reconnect(),
      me: () => this.#me().id,
    };
  }

  #event(event: RoomEvent): void {
    const timeline = this.#timelines.peek(event.room);
    const changes = event.type === 'message.edited' || event.type === 'message.deleted';
    this.rooms.apply(event, changes ? timeline?.find(event.message.seq) : undefined);
    if (event.type === 'message.created') this.company.stopped(event.room, event.message.user.id);
    const mine = event.type === 'message.created' && event.message.user.id === this.#me().id;
    if (timeline !== undefined) timeline.apply(event);
    else if (mine) this.outbox.seen(event.message.key);
    if (event.type === 'member.joined' && event.user.id === this.#me().id) this.#joined(event);
  }

  // From here on the room is live; what happened before may be missing.
  #joined(event: RoomEvent): void {
    this.rooms.refetch();
    this.#followed(event.room);
  }

  #followed(room: number): void {
    void this.#timelines.peek(room)?.reload();
    if (this.place.room.peek() === room) this.#watch(room, true);
  }

  #reload(room: number): void {
    this.rooms.refetch();
    const timeline = this.#timelines.peek(room);
    if (this.place.room.peek() === room) void timeline?.reload();
    else timeline?.forget();
  }

  // The list says where each room is: what comes live follows from there.
  #listed(rooms: readonly Room[]): void {
    for (const { id, joined, epoch, last_seq } of rooms) {
      if (!joined || this.#received(id) !== undefined) continue;
      this.#feed.startAt(id, { epoch, seq: last_seq });
      if (this.connection.connected.peek()) this.#followed(id);
    }
  }

  #watch(room: number, yes: boolean): void {
    this.company.forget(room);
    if (yes) this.#timelines.opened(room);
    this.#socket.tell({ op: yes ? 'watch' : 'unwatch', room });
  }
}
