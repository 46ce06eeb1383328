// The messages of one room: fetched in pages, kept true by live events.
import { batch, computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { Clock } from '../lib/env.ts';
import { failure, type Failure, type PageQuery } from '../wire/api.ts';
import type { Message, MessageCreated, MessagePage, RoomEvent } from '../wire/protocol.ts';
import type { Edge, Entry, Loading, MessageEntry, OutboxItem, PendingEntry, TimelineState } from './contract.ts';
import { History, type Stored } from './history.ts';
import { deleted, type Me } from './message.ts';

export interface TimelineParts {
  clock: Clock;
  visible(): boolean;
  me(): Me;
  fetch(room: number, query: PageQuery): Promise<MessagePage>;
  pending: ReadonlySignal<readonly OutboxItem[]>;
  /** The server's copy of a message of mine is here. */
  seen(key: string): void;
  /** Everything of the room up to this seq is here. */
  settled(room: number, seq: number): void;
  /** The newest seq that came live; undefined for a room that is not followed. */
  received(room: number): number | undefined;
  /** The message being read, if the end is not in view. */
  reading(room: number): number | null;
}

// Arrivals are drawn together at most every so many ms.
const drawEvery = 50;
const drawEveryHidden = 250;
// Held while a page is fetched; with more, the page is fetched again.
const mostHeld = 5000;
const mostQuotes = 500;
// The page of a server that lags behind what came live is asked for again.
const staleTries = 3;
const staleWait = 300;

export class Timeline implements TimelineState {
  readonly room: number;
  readonly #parts: TimelineParts;
  readonly #history: History;
  readonly #published = signal<readonly Stored[]>([]);
  readonly #status = signal<Loading>('idle');
  readonly #failure = signal<Failure | null>(null);
  readonly #older = signal<Edge>('end');
  readonly #newer = signal<Edge>('end');
  readonly #generation = signal(0);
  readonly #quotes = new Map<number, ReadonlySignal<Message | null | undefined>>();
  readonly #pendingEntries = new WeakMap<OutboxItem, PendingEntry>();
  readonly entries: ReadonlySignal<readonly Entry[]>;
  /** Live events while a page is fetched; null while none is. */
  #held: RoomEvent[] | null = null;
  #turn = 0;
  #stale = false;
  #lastQuery: PageQuery = {};
  #publishedAt = -Infinity;
  #cancelPublish: (() => void) | null = null;

  constructor(room: number, parts: TimelineParts) {
    this.room = room;
    this.#parts = parts;
    this.#history = new History(parts.me);
    this.entries = computed(() => this.#withPending());
  }

  get status(): ReadonlySignal<Loading> {
    return this.#status;
  }
  get failure(): ReadonlySignal<Failure | null> {
    return this.#failure;
  }
  get older(): ReadonlySignal<Edge> {
    return this.#older;
  }
  get newer(): ReadonlySignal<Edge> {
    return this.#newer;
  }
  get generation(): ReadonlySignal<number> {
    return this.#generation;
  }
  /** How many entries are in memory. */
  get size(): number {
    return this.#history.size;
  }

  /** Whether a page is under way, and live events wait for it. */
  get fetching(): boolean {
    return this.#held !== null;
  }

  /** The room is opened: what is in memory is true if the room is followed. */
  async open(at?: number): Promise<void> {
    if (at !== undefined) await this.toMessage(at);
    else if (this.#status.peek() !== 'ready') await this.#load({});
    else if (this.#parts.received(this.room) === undefined) await this.#load({});
  }

  async retry(): Promise<void> {
    await this.#load(this.#lastQuery);
  }

  async toLatest(): Promise<void> {
    if (this.#status.peek() !== 'ready' || this.#newer.peek() !== 'end') await this.#load({});
  }

  async toMessage(seq: number): Promise<boolean> {
    if (this.#history.find(seq) === undefined) await this.#load({ around: seq });
    return this.#history.find(seq) !== undefined;
  }

  async loadOlder(): Promise<void> {
    const first = this.#history.first();
    if (first !== undefined) await this.#extend(this.#older, { before: first.seq }, 'newest');
  }

  async loadNewer(): Promise<void> {
    const last = this.#history.last();
    if (last !== undefined) await this.#extend(this.#newer, { after: last.seq }, 'oldest');
  }

  /** The next live event of the room. */
  apply(event: RoomEvent): void {
    if (this.#held !== null) this.#held.push(event);
    else if (this.#status.peek() === 'ready') this.#fold(event);
    else if (this.#isMine(event)) this.#parts.seen(event.message.key);
  }

  /** The history was replaced, or too much was missed to be told one by one. */
  async reload(): Promise<void> {
    if (this.#status.peek() === 'idle') return;
    const reading = this.#parts.reading(this.room);
    // Until then what is in memory is no longer true.
    this.#stale = true;
    await this.#load(reading === null ? {} : { around: reading });
  }

  /** Gives the memory back; the next opening fetches a page. */
  forget(): void {
    this.#turn++;
    this.#held = null;
    this.#history.clear();
    this.#status.value = 'idle';
    this.#publish();
  }

  quoted(seq: number): ReadonlySignal<Message | null | undefined> {
    const known = this.#quotes.get(seq);
    if (known !== undefined) return known;
    if (this.#quotes.size >= mostQuotes) this.#quotes.clear();
    const fetched = signal<Message | null | undefined>(undefined);
    if (this.find(seq) === undefined) void this.#fetchQuote(seq, fetched);
    const quote = computed(() => {
      void this.#published.value;
      const here = this.find(seq);
      if (here === undefined) return fetched.value;
      return here.deleted_at === undefined ? here : null;
    });
    this.#quotes.set(seq, quote);
    return quote;
  }

  lastOfMine(): MessageEntry | undefined {
    const me = this.#parts.me().id;
    return this.#history.findLast((entry) => entry.message.user.id === me && entry.message.deleted_at === undefined);
  }

  find(seq: number): Message | undefined {
    return this.#history.find(seq)?.message;
  }

  /** See History.countAfter; null as well while the newest are not in memory. */
  countAfter(seq: number): { unread: number; mentions: number } | null {
    if (this.#status.peek() !== 'ready' || this.#held !== null || this.#newer.peek() !== 'end') return null;
    return this.#history.countAfter(seq, this.#older.peek() === 'end');
  }

  /** Shows a change of mine at once. False if the message is not in memory. */
  change(seq: number, how: (message: Message) => Message, unconfirmed: boolean): boolean {
    const changed = this.#history.change(seq, how, unconfirmed);
    if (changed) this.#publish();
    return changed;
  }

  hide(seq: number, yes: boolean): void {
    this.#history.hide(seq, yes);
    this.#publish();
  }

  /** The server has deleted it. */
  gone(seq: number, at: string): void {
    this.#history.change(seq, (message) => (message.deleted_at === undefined ? deleted(message, at) : message), false);
    this.hide(seq, false);
  }

  stop(): void {
    this.#turn++;
    this.#cancelPublish?.();
    this.#cancelPublish = null;
  }

  async #load(query: PageQuery): Promise<void> {
    const turn = ++this.#turn;
    this.#lastQuery = query;
    this.#held ??= [];
    if (this.#status.peek() !== 'ready') this.#status.value = 'loading';
    try {
      const page = await this.#freshPage(query);
      if (turn === this.#turn) this.#adopt(page, query);
    } catch (err) {
      if (turn === this.#turn) this.#failed(err);
    }
  }

  async #freshPage(query: PageQuery): Promise<MessagePage> {
    const expected = this.#parts.received(this.room) ?? 0;
    for (let tries = 1; ; tries++) {
      const page = await this.#parts.fetch(this.room, query);
      if (page.head >= expected || tries === staleTries) return page;
      await new Promise<void>((resolve) => this.#parts.clock.after(staleWait, resolve));
    }
  }

  #adopt(page: MessagePage, query: PageQuery): void {
    const around = query.around !== undefined;
    batch(() => {
      this.#history.replace(page);
      this.#older.value = (around ? page.more_before : page.more) ? 'more' : 'end';
      this.#newer.value = around && page.more_after ? 'more' : 'end';
      this.#failure.value = null;
      this.#stale = false;
      this.#status.value = 'ready';
      this.#generation.value++;
      this.#release();
      this.#arrived(page);
      this.#publish();
    });
  }

  #failed(err: unknown): void {
    batch(() => {
      this.#failure.value = failure(err);
      if (this.#stale || this.#status.peek() !== 'ready') {
        this.#held = null;
        this.#history.clear();
        this.#status.value = 'error';
      } else {
        this.#release();
        for (const edge of [this.#older, this.#newer]) if (edge.peek() === 'loading') edge.value = 'error';
      }
      this.#publish();
    });
  }

  async #extend(edge: Signal<Edge>, query: PageQuery, drop: 'oldest' | 'newest'): Promise<void> {
    if (this.#held !== null || (edge.peek() !== 'more' && edge.peek() !== 'error')) return;
    const turn = ++this.#turn;
    this.#held = [];
    edge.value = 'loading';
    try {
      const page = await this.#parts.fetch(this.room, query);
      if (turn !== this.#turn) return;
      if (page.epoch !== this.#history.epoch) return void this.#load({});
      this.#extended(edge, page, drop);
    } catch (err) {
      if (turn !== this.#turn) return;
      failure(err);
      batch(() => {
        edge.value = 'error';
        this.#release();
        this.#publish();
      });
    }
  }

  #extended(edge: Signal<Edge>, page: MessagePage, drop: 'oldest' | 'newest'): void {
    batch(() => {
      this.#history.extend(page);
      edge.value = page.more ? 'more' : 'end';
      this.#release();
      this.#arrived(page);
      if (this.#history.trim(drop)) this.#newer.value = 'more';
      this.#publish();
    });
  }

  // Folds in what came while the page was under way.
  #release(): void {
    const held = this.#held ?? [];
    this.#held = null;
    if (held.length > mostHeld) return void this.#load({});
    for (const event of held) this.#history.apply(event, this.#newer.peek() === 'end');
    for (const event of held) if (this.#isMine(event)) this.#parts.seen(event.message.key);
  }

  // Messages of mine that the page shows are not pending any more.
  #arrived(page: MessagePage): void {
    const me = this.#parts.me().id;
    for (const message of page.messages) if (message.user.id === me) this.#parts.seen(message.key);
    this.#parts.settled(this.room, Math.max(page.head, this.#parts.received(this.room) ?? 0));
  }

  #fold(event: RoomEvent): void {
    batch(() => {
      this.#history.apply(event, this.#newer.peek() === 'end');
      if (event.type === 'message.created' && this.#history.trim('oldest')) this.#older.value = 'more';
      if (!this.#isMine(event)) return this.#publishSoon();
      // In one frame: the pending copy goes and the server's stands.
      this.#parts.seen(event.message.key);
      this.#publish();
    });
  }

  #isMine(event: RoomEvent): event is MessageCreated {
    return event.type === 'message.created' && event.message.user.id === this.#parts.me().id;
  }

  #publishSoon(): void {
    if (this.#cancelPublish !== null) return;
    const every = this.#parts.visible() ? drawEvery : drawEveryHidden;
    const wait = this.#publishedAt + every - this.#parts.clock.now();
    if (wait <= 0) this.#publish();
    else this.#cancelPublish = this.#parts.clock.after(wait, () => this.#publish());
  }

  #publish(): void {
    this.#cancelPublish?.();
    this.#cancelPublish = null;
    this.#publishedAt = this.#parts.clock.now();
    this.#published.value = this.#history.visible();
  }

  #withPending(): readonly Entry[] {
    const pending = this.#parts.pending.value.filter((item) => item.room === this.room);
    if (pending.length === 0) return this.#published.value;
    return [...this.#published.value, ...pending.map((item) => this.#pendingEntry(item))];
  }

  #pendingEntry(item: OutboxItem): PendingEntry {
    let entry = this.#pendingEntries.get(item);
    if (entry === undefined) {
      entry = Object.freeze({ kind: 'pending', id: item.key, at: item.at, item });
      this.#pendingEntries.set(item, entry);
    }
    return entry;
  }

  async #fetchQuote(seq: number, quote: Signal<Message | null | undefined>): Promise<void> {
    try {
      const page = await this.#parts.fetch(this.room, { around: seq, limit: 1 });
      const found = page.messages.find((message) => message.seq === seq);
      quote.value = found === undefined || found.deleted_at !== undefined ? null : Object.freeze(found);
    } catch {
      // Unknown for now; asked for again when it is drawn again.
      this.#quotes.delete(seq);
    }
  }
}
