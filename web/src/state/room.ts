// The rooms I may see and what is unread in them. The server counts; here
// arrivals since its last count are added, and where that cannot be exact the
// list is fetched again.
import { batch, computed, signal, type ReadonlySignal } from '@preact/signals';
import type { Clock } from '../lib/env.ts';
import { failure, type Api, type Failure } from '../wire/api.ts';
import type { Message, NewRoom, Room, RoomChange, RoomEvent } from '../wire/protocol.ts';
import type { Loading, RoomsState } from './contract.ts';
import { mentions, type Me } from './message.ts';

export interface RoomParts {
  api: Api;
  clock: Clock;
  me(): Me;
  /** Unread after `seq` as memory knows it; null where it does not. */
  countAfter(room: number, seq: number): Count | null;
  /** The list came: where each of my rooms is. */
  listed(rooms: readonly Room[]): void;
}

interface Count {
  unread: number;
  mentions: number;
}

/** An event's effect on the counts, kept while a list is under way. */
interface Delta extends Count {
  room: number;
  seq: number;
}

// Several reasons to fetch the list again within this time are one.
const refetchAfter = 250;
const none: Count = { unread: 0, mentions: 0 };

export class Rooms implements RoomsState {
  readonly #parts: RoomParts;
  readonly #status = signal<Loading>('idle');
  readonly #failure = signal<Failure | null>(null);
  readonly #all = signal<readonly Room[]>([]);
  readonly #order = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });
  readonly mine = computed(() => this.#all.value.filter((room) => room.joined && !room.archived));
  readonly mentions = computed(() => this.mine.value.reduce((sum, room) => sum + room.mentions, 0));
  readonly anyUnread = computed(() => this.mine.value.some((room) => room.unread > 0));
  #deltas: Delta[] = [];
  #loading: Promise<void> | null = null;
  #again = false;
  #cancelRefetch: (() => void) | null = null;

  constructor(parts: RoomParts) {
    this.#parts = parts;
  }

  get status(): ReadonlySignal<Loading> {
    return this.#status;
  }
  get failure(): ReadonlySignal<Failure | null> {
    return this.#failure;
  }
  get all(): ReadonlySignal<readonly Room[]> {
    return this.#all;
  }

  byId(id: number): Room | undefined {
    return this.#all.value.find((room) => room.id === id);
  }

  bySlug(slug: string): Room | undefined {
    return this.#all.value.find((room) => room.slug === slug);
  }

  /** Never rejects: see `failure`. A list asked for while one is under way follows it. */
  load(): Promise<void> {
    this.#cancelRefetch?.();
    this.#cancelRefetch = null;
    if (this.#loading !== null) this.#again = true;
    this.#loading ??= this.#load();
    return this.#loading;
  }

  /** Settles when the list is there, or failed to come. */
  loaded(): Promise<void> {
    return this.#loading ?? Promise.resolve();
  }

  /** Fetches the list soon. */
  refetch(): void {
    this.#cancelRefetch ??= this.#parts.clock.after(refetchAfter, () => void this.load());
  }

  async create(form: NewRoom): Promise<Room> {
    const room = await this.#parts.api.createRoom(form);
    this.#put(room);
    return room;
  }

  async change(room: number, change: RoomChange): Promise<void> {
    this.#put(await this.#parts.api.changeRoom(room, change));
  }

  async archive(room: number): Promise<void> {
    this.#put(await this.#parts.api.archiveRoom(room));
  }

  async restore(room: number): Promise<void> {
    this.#put(await this.#parts.api.restoreRoom(room));
  }

  async remove(room: number): Promise<void> {
    await this.#parts.api.removeRoom(room);
    this.#set(this.#all.peek().filter((one) => one.id !== room));
  }

  async join(room: number): Promise<void> {
    this.#put(await this.#parts.api.join(room));
  }

  async leave(room: number): Promise<void> {
    await this.#parts.api.leave(room);
    this.left(room);
  }

  /** I am not in the room any more; a private one cannot be seen either. */
  left(room: number): void {
    const was = this.#peek(room);
    if (was?.private) this.#set(this.#all.peek().filter((one) => one.id !== room));
    else this.#update(room, { joined: false, ...none });
    this.refetch();
  }

  /** Counts a live event. `before` is the message it changes, if in memory. */
  apply(event: RoomEvent, before: Message | undefined): void {
    const room = this.#peek(event.room);
    if (room === undefined) return this.refetch();
    const delta = event.seq > room.last_seq && room.joined ? this.#effect(event, room, before) : none;
    if (delta === null) this.refetch();
    else if (this.#loading !== null) this.#deltas.push({ room: room.id, seq: event.seq, ...delta });
    const changes = event.type === 'room.changed' ? event.changes : {};
    const last_seq = Math.max(room.last_seq, event.seq);
    this.#update(room.id, { ...changes, ...added(room, delta ?? none), last_seq });
  }

  /** My read mark moved here or on another device. It never moves back. */
  read(id: number, seq: number): void {
    const room = this.#peek(id);
    if (room === undefined || seq <= room.read_seq) return;
    const count = seq >= room.last_seq ? none : this.#parts.countAfter(id, seq);
    if (count === null) this.refetch();
    this.#update(id, { read_seq: seq, ...(count ?? {}) });
  }

  stop(): void {
    this.#cancelRefetch?.();
  }

  async #load(): Promise<void> {
    if (this.#status.peek() !== 'ready') this.#status.value = 'loading';
    try {
      const { rooms } = await this.#parts.api.rooms();
      batch(() => this.#listed(rooms));
    } catch (err) {
      this.#failure.value = failure(err);
      if (this.#status.peek() !== 'ready') this.#status.value = 'error';
    }
    this.#loading = null;
    this.#deltas = [];
    if (this.#again) {
      this.#again = false;
      await this.load();
    }
  }

  #listed(rooms: Room[]): void {
    this.#set(rooms.map((room) => this.#merged(room, this.#peek(room.id))));
    this.#failure.value = null;
    this.#status.value = 'ready';
    this.#parts.listed(rooms);
  }

  // The list may be older than what came live meanwhile.
  #merged(listed: Room, here: Room | undefined): Room {
    if (here === undefined || here.epoch !== listed.epoch || !listed.joined) return listed;
    if (here.read_seq > listed.read_seq) {
      // My read mark is not there yet: once it is, the counts will be right.
      if (here.last_seq < listed.last_seq) this.refetch();
      const { read_seq, unread, mentions, last_seq } = here;
      return { ...listed, read_seq, unread, mentions, last_seq };
    }
    const later = this.#deltas.filter((delta) => delta.room === listed.id && delta.seq > listed.last_seq);
    const counted = later.reduce<Room>((room, delta) => ({ ...room, ...added(room, delta) }), listed);
    return { ...counted, last_seq: Math.max(here.last_seq, listed.last_seq) };
  }

  /** What an event adds to the counts; null where only the server knows. */
  #effect(event: RoomEvent, room: Room, before: Message | undefined): Count | null {
    const me = this.#parts.me();
    switch (event.type) {
      case 'message.created':
        return event.message.seq <= room.read_seq ? none : weight(event.message, me);
      case 'message.edited':
        return event.message.seq <= room.read_seq ? none : difference(event.message, before, room, me);
      case 'message.deleted':
        if (event.message.seq <= room.read_seq) return none;
        return before === undefined ? null : negative(weight(before, me));
      default:
        return none;
    }
  }

  #put(room: Room): void {
    const others = this.#all.peek().filter((one) => one.id !== room.id);
    this.#set([...others, room]);
    this.#parts.listed([room]);
  }

  #update(id: number, part: Partial<Room>): void {
    this.#set(this.#all.peek().map((room) => (room.id === id ? changed(room, part) : room)));
  }

  #set(rooms: Room[]): void {
    const same = rooms.length === this.#all.peek().length && rooms.every((room, i) => room === this.#all.peek()[i]);
    if (same) return;
    for (const room of rooms) Object.freeze(room);
    this.#all.value = rooms.sort((a, b) => this.#order.compare(a.name, b.name) || a.id - b.id);
  }

  #peek(id: number): Room | undefined {
    return this.#all.peek().find((room) => room.id === id);
  }
}

/** The room with `part` changed; the same object if that changes nothing. */
function changed(room: Room, part: Partial<Room>): Room {
  const next = { ...room, ...part };
  const names = Object.keys(part) as (keyof Room)[];
  return names.every((name) => next[name] === room[name]) ? room : next;
}

function added(room: Room, { unread, mentions: names }: Count): Count {
  return { unread: Math.max(0, room.unread + unread), mentions: Math.max(0, room.mentions + names) };
}

/** What an unread message counts. */
function weight(message: Message, me: Me): Count {
  if (message.user.id === me.id || message.deleted_at !== undefined) return none;
  return { unread: 1, mentions: mentions(message, me) ? 1 : 0 };
}

function negative({ unread, mentions: names }: Count): Count {
  return { unread: -unread, mentions: -names };
}

// An edit may add a mention of me, or take it away.
function difference(now: Message, before: Message | undefined, room: Room, me: Me): Count | null {
  const names = weight(now, me).mentions;
  if (before !== undefined) return { unread: 0, mentions: names - weight(before, me).mentions };
  return names > 0 || room.mentions > 0 ? null : none;
}
