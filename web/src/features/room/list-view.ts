import { effect, signal, type ReadonlySignal } from '@preact/signals';
import { firstNew, group, type Row } from '../../lib/grouping.ts';
import type { Entry, PlaceState, TimelineState } from '../../state/contract.ts';
import * as win from '../../state/window.ts';
import { Scroller } from './scroller.ts';

const DRAW_EVERY_MS = 50;
const DRAW_HIDDEN_MS = 250;
const DAY_SHOWN_MS = 1200;

/** Where the next drawing puts the list. */
export type Target = { at: 'end' } | { at: 'centre' | 'third'; seq: number; flash: boolean };

export interface Pill {
  kind: 'none' | 'new' | 'latest';
  count: number;
}

/**
 * The part of a room's messages that is in the page, and where it stands.
 * `rows` is what to draw; after each drawing call `settle`.
 */
export class ListView {
  readonly timeline: TimelineState;
  readonly #place: PlaceState;
  readonly #me: number;
  readonly #rows = signal<readonly Row[]>([]);
  readonly #pill = signal<Pill>({ kind: 'none', count: 0 });
  readonly #unreadAbove = signal(false);
  readonly #topDay = signal(0);
  readonly #scroller = new Scroller();
  #entries: readonly Entry[] = [];
  #window: win.Window = { from: 0, to: 0 };
  #generation = -1;
  #target: Target | null;
  #seen = 0;
  #live = false;
  #lastPending = '';
  #drawn = 0;
  /** The last drawing only added arrivals to a list that rests at its end. */
  #followed = false;
  #unreadDone = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #still: ReturnType<typeof setTimeout> | undefined;
  #dayTimer: ReturnType<typeof setTimeout> | undefined;
  #stop: () => void = () => undefined;

  constructor(timeline: TimelineState, place: PlaceState, me: number, target: Target) {
    this.timeline = timeline;
    this.#place = place;
    this.#me = me;
    this.#target = target;
  }

  get rows(): ReadonlySignal<readonly Row[]> {
    return this.#rows;
  }

  get pill(): ReadonlySignal<Pill> {
    return this.#pill;
  }

  /** Unread messages begin above what is seen. */
  get unreadAbove(): ReadonlySignal<boolean> {
    return this.#unreadAbove;
  }

  /** When the message on top was written; 0 at the end of the list or while scrolling is still. */
  get topDay(): ReadonlySignal<number> {
    return this.#topDay;
  }

  /** Follows the state until the answer is called. */
  start(box: HTMLElement, block: HTMLElement): () => void {
    const detach = this.#scroller.attach(
      box,
      block,
      () => this.#scrolled(),
      () => this.#grown(),
    );
    this.#stop = effect(() => {
      const entries = this.timeline.entries.value;
      const generation = this.timeline.generation.value;
      void this.#place.newAfter.value;
      void this.timeline.older.value;
      this.#due(entries, generation);
    });
    return () => {
      this.#stop();
      clearTimeout(this.#timer);
      clearTimeout(this.#still);
      clearTimeout(this.#dayTimer);
      detach();
    };
  }

  /** After the rows were drawn, before they are painted. */
  settle(): void {
    if (this.#rows.peek().length === 0) return;
    const target = this.#target;
    this.#target = null;
    // At the end nothing moves by itself. To look now would have the browser
    // lay out twice: what grew is looked at once it is laid out.
    if (!target && this.#followed) return void (this.#seen = lastSeq(this.#entries));
    if (target) this.#scroller.goTo(target);
    else this.#scroller.keepPlace();
    this.#report();
    this.#extendEdges();
  }

  async toLatest(): Promise<void> {
    this.#target = { at: 'end' };
    await this.timeline.toLatest();
    this.#entries = this.timeline.entries.peek();
    this.#window = win.openAtEnd(this.#entries.length);
    this.#target = { at: 'end' };
    this.#draw(true);
  }

  /** Shows a message; false when it does not exist. */
  async toMessage(seq: number, at: 'centre' | 'third' = 'centre', flash = true): Promise<boolean> {
    const target: Target = { at, seq, flash };
    this.#target = target;
    const found = await this.timeline.toMessage(seq);
    this.#entries = this.timeline.entries.peek();
    const index = win.indexOf(this.#entries, seq);
    if (index >= 0 && (index < this.#window.from || index >= this.#window.to))
      this.#window = win.openAround(index, this.#entries.length);
    this.#target = index >= 0 ? target : null;
    this.#draw(true);
    return found && index >= 0;
  }

  /** Shows the New line. */
  async toUnread(): Promise<void> {
    const after = this.#place.newAfter.peek();
    if (after === null) return;
    this.#unreadDone = true;
    const known = this.timeline.older.peek() === 'end' || firstSeq(this.#entries) <= after + 1;
    // What follows the mark may be another event than a message: the page around it tells.
    if (!known) await this.timeline.toMessage(after + 1);
    this.#entries = this.timeline.entries.peek();
    const first = this.#entries.find((entry) => entry.id === this.#newId());
    if (first && first.kind !== 'pending') await this.toMessage(first.seq, 'third', false);
  }

  #newId(): string | null {
    return firstNew(this.#entries, this.#place.newAfter.peek(), this.#me);
  }

  // Arrivals are drawn together; what I wrote, and a new page, at once.
  #due(entries: readonly Entry[], generation: number): void {
    const wait = (document.hidden ? DRAW_HIDDEN_MS : DRAW_EVERY_MS) - (performance.now() - this.#drawn);
    const mine = pendingId(entries) !== this.#lastPending;
    if (wait <= 0 || mine || generation !== this.#generation) return this.#draw();
    this.#timer ??= setTimeout(() => this.#draw(), wait);
  }

  #draw(moved = false): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#drawn = performance.now();
    const entries = this.timeline.entries.peek();
    const generation = this.timeline.generation.peek();
    this.#followed = !moved && generation === this.#generation && this.#scroller.restsAtEnd() && this.#following();
    // Before the first page there is nothing to stand at: the target waits.
    if (generation !== this.#generation && entries.length > 0) this.#opened(entries, generation);
    else if (!moved) this.#window = win.relocate(this.#window, this.#entries, entries, this.#following());
    this.#shrink();
    this.#entries = entries;
    this.#noteSeen(entries);
    this.#followMine(entries);
    const { from, to } = this.#window;
    const context = { me: this.#me, newId: this.#newId(), before: entries[from - 1] };
    const before = this.#rows.peek();
    this.#rows.value = group(entries.slice(from, to), context, before);
    if (moved) queueMicrotask(() => this.settle());
  }

  #opened(entries: readonly Entry[], generation: number): void {
    const first = this.#generation === -1;
    this.#generation = generation;
    const target = this.#target;
    const seq = target && target.at !== 'end' ? target.seq : this.#unreadSeq(entries, first);
    const index = seq === null ? -1 : win.indexOf(entries, seq);
    this.#window = index >= 0 ? win.openAround(index, entries.length) : win.openAtEnd(entries.length);
    if (index < 0 || seq === null) this.#target = { at: 'end' };
    else if (!target || target.at === 'end') this.#target = { at: 'third', seq, flash: false };
    this.#seen = lastSeq(entries);
  }

  // Only while the newest page reaches back to where I stopped reading.
  #unreadSeq(entries: readonly Entry[], first: boolean): number | null {
    const id = first ? firstNew(entries, this.#place.newAfter.peek(), this.#me) : null;
    const index = entries.findIndex((entry) => entry.id === id);
    const entry = entries[index];
    const reaches = index > 0 || this.timeline.older.peek() === 'end';
    return entry && entry.kind !== 'pending' && reaches && entries.length - index <= win.opening ? entry.seq : null;
  }

  // Pages that are fetched downwards are no arrivals; those come only once the end is in memory.
  #noteSeen(entries: readonly Entry[]): void {
    if (!this.#live) this.#seen = lastSeq(entries);
    this.#live = this.timeline.newer.peek() === 'end';
  }

  #followMine(entries: readonly Entry[]): void {
    const pending = pendingId(entries);
    const fresh = pending !== '' && pending !== this.#lastPending;
    this.#lastPending = pending;
    if (!fresh || this.#following()) return;
    if (this.timeline.newer.peek() !== 'end') void this.toLatest();
    this.#window = win.openAtEnd(entries.length);
    this.#target = { at: 'end' };
  }

  // While following, the window slides along with the end; above it nothing needs to be corrected.
  #shrink(): void {
    const { from, to } = this.#window;
    if (to - from > win.resting + win.step && this.#following()) this.#window = { from: to - win.resting, to };
  }

  #following(): boolean {
    const atEnd = this.#window.to >= this.#entries.length && this.timeline.newer.peek() === 'end';
    return atEnd && win.isFollowing(this.#scroller.fromEnd());
  }

  #scrolled(): void {
    this.#scroller.notePlace();
    this.#report();
    this.#extendEdges();
    clearTimeout(this.#still);
    this.#still = setTimeout(() => this.#trim(), win.stillness);
    this.#showDay();
  }

  #showDay(): void {
    const seq = this.#following() ? null : this.#scroller.seqAtTop();
    const entry = seq === null ? undefined : this.#entries[win.indexOf(this.#entries, seq)];
    this.#topDay.value = entry?.at ?? 0;
    clearTimeout(this.#dayTimer);
    this.#dayTimer = setTimeout(() => (this.#topDay.value = 0), DAY_SHOWN_MS);
  }

  #grown(): void {
    this.#scroller.keepPlace();
    this.#report();
  }

  #report(): void {
    const following = this.#following();
    if (following) this.#seen = lastSeq(this.#entries);
    this.#place.endVisible(following);
    this.#place.reading(following ? null : this.#scroller.seqAtTop());
    const arrived = following ? 0 : this.#arrived();
    const far = this.#window.to < this.#entries.length || this.timeline.newer.peek() !== 'end';
    const kind = far && arrived === 0 ? 'latest' : win.pill(this.#scroller.fromEnd(), this.#scroller.height(), arrived);
    const shown = this.#pill.peek();
    if (shown.kind !== kind || shown.count !== arrived)
      this.#pill.value = { kind: arrived > 0 && kind !== 'none' ? 'new' : kind, count: arrived };
    this.#noteUnread();
  }

  #noteUnread(): void {
    if (this.#place.newCount.peek() === 0 || this.#place.newAfter.peek() === null) this.#unreadDone = true;
    if (!this.#unreadDone && this.#scroller.sees('new')) this.#unreadDone = true;
    this.#unreadAbove.value = !this.#unreadDone;
  }

  #arrived(): number {
    let count = 0;
    for (let i = this.#entries.length - 1; i >= 0; i--) {
      const entry = this.#entries[i]!;
      if (entry.kind === 'pending') continue;
      if (entry.seq <= this.#seen) break;
      if (entry.kind === 'message' && entry.message.user.id !== this.#me) count++;
    }
    return count;
  }

  #extendEdges(): void {
    const { above, below, height } = this.#scroller.room();
    if (height === 0) return;
    const { from, to } = this.#window;
    const total = this.#entries.length;
    if (above < 2 * height && from > 0) return this.#shift(win.extend(this.#window, 'up', total));
    if (below < 2 * height && to < total) return this.#shift(win.extend(this.#window, 'down', total));
    if (above < 2 * height && this.timeline.older.peek() === 'more') void this.timeline.loadOlder();
    if (below < 2 * height && this.timeline.newer.peek() === 'more') void this.timeline.loadNewer();
  }

  #shift(next: win.Window): void {
    if (next.from === this.#window.from && next.to === this.#window.to) return;
    this.#window = next;
    this.#draw(true);
  }

  #trim(): void {
    const size = this.#window.to - this.#window.from;
    if (size <= win.resting || this.#following()) return;
    const seen = this.#scroller.seqAtTop();
    const index = seen === null ? -1 : win.indexOf(this.#entries, seen);
    if (index >= 0) this.#shift(win.trim(this.#window, index, index));
  }
}

function pendingId(entries: readonly Entry[]): string {
  const last = entries.at(-1);
  return last?.kind === 'pending' ? last.id : '';
}

function lastSeq(entries: readonly Entry[]): number {
  return entries.findLast((entry) => entry.kind !== 'pending')?.seq ?? 0;
}

function firstSeq(entries: readonly Entry[]): number {
  const first = entries[0];
  return first && first.kind !== 'pending' ? first.seq : Number.MAX_SAFE_INTEGER;
}
