// The open room: what is watched, where the New line stands, when it is read.
import { batch, effect, signal, untracked, type ReadonlySignal } from '@preact/signals';
import type { Clock, Page } from '../lib/env.ts';
import type { PlaceState } from './contract.ts';
import type { ReadMarks } from './read.ts';
import type { Rooms } from './room.ts';
import type { Timeline } from './timeline.ts';

export interface PlaceParts {
  clock: Clock;
  page: Page;
  rooms: Rooms;
  reads: ReadMarks;
  timeline(room: number): Timeline;
  /** The newest seq that came live. */
  received(room: number): number | undefined;
  /** Presence and typing of a room are wanted, or not any more. */
  watch(room: number, yes: boolean): void;
}

// So long must somebody be at the end of the list until it counts as read.
const readAfter = 1000;

export class Place implements PlaceState {
  readonly #parts: PlaceParts;
  readonly #room = signal<number | null>(null);
  readonly #newAfter = signal<number | null>(null);
  readonly #newCount = signal(0);
  /** There for long enough: whatever arrives is read at once. */
  readonly #there = signal(false);
  readonly #stops: (() => void)[];
  #endVisible = false;
  #reading: number | null = null;
  #cancelArrival: (() => void) | null = null;

  constructor(parts: PlaceParts) {
    this.#parts = parts;
    this.#stops = [parts.page.watch(() => this.#look()), effect(() => this.#readAlong())];
  }

  get room(): ReadonlySignal<number | null> {
    return this.#room;
  }
  get newAfter(): ReadonlySignal<number | null> {
    return this.#newAfter;
  }
  get newCount(): ReadonlySignal<number> {
    return this.#newCount;
  }

  open(id: number, at?: number): void {
    if (this.#room.peek() === id) {
      if (at !== undefined) void this.#parts.timeline(id).toMessage(at);
      return;
    }
    this.close();
    const room = this.#parts.rooms.all.peek().find((one) => one.id === id);
    batch(() => {
      this.#room.value = id;
      this.#newAfter.value = room !== undefined && room.unread > 0 ? room.read_seq : null;
      this.#newCount.value = room?.unread ?? 0;
    });
    this.#parts.watch(id, true);
    void this.#parts.timeline(id).open(at);
  }

  close(): void {
    const id = this.#room.peek();
    if (id === null) return;
    this.#parts.watch(id, false);
    this.#reading = null;
    this.endVisible(false);
    batch(() => {
      this.#room.value = null;
      this.#newAfter.value = null;
      this.#newCount.value = 0;
    });
  }

  endVisible(visible: boolean): void {
    this.#endVisible = visible;
    this.#look();
  }

  reading(seq: number | null): void {
    this.#reading = seq;
  }

  /** What is being read in this room, if its end is not in view. */
  readingIn(room: number): number | null {
    return room === this.#room.peek() ? this.#reading : null;
  }

  markRead(): void {
    const id = this.#room.peek();
    if (id === null) return;
    this.#newAfter.value = null;
    this.#read(id);
  }

  markAllRead(): void {
    batch(() => {
      this.#newAfter.value = null;
      for (const room of this.#parts.rooms.mine.peek()) if (room.unread > 0) this.#read(room.id);
    });
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    this.#cancelArrival?.();
  }

  #look(): void {
    const { page, clock } = this.#parts;
    const here = this.#room.peek() !== null && this.#endVisible && page.visible() && page.focused();
    if (!here) {
      this.#cancelArrival?.();
      this.#cancelArrival = null;
      this.#there.value = false;
    } else if (!this.#there.peek()) {
      this.#cancelArrival ??= clock.after(readAfter, () => {
        this.#cancelArrival = null;
        this.#there.value = true;
      });
    }
  }

  // Runs whenever something of this changes, so no count stays that could be
  // cleared: an arrival, the list of rooms, a page that came late.
  #readAlong(): void {
    const id = this.#room.value;
    if (id === null || !this.#there.value) return;
    const timeline = this.#parts.timeline(id);
    if (timeline.status.value !== 'ready' || timeline.newer.value !== 'end') return;
    const unread = this.#parts.rooms.byId(id)?.unread ?? 0;
    if (unread > 0) untracked(() => this.#read(id));
  }

  #read(id: number): void {
    const room = this.#parts.rooms.all.peek().find((one) => one.id === id);
    const seq = this.#parts.received(id) ?? room?.last_seq;
    if (!room?.joined || room.unread === 0 || seq === undefined) return;
    if (seq <= room.read_seq) return this.#parts.rooms.refetch();
    this.#parts.rooms.read(id, seq);
    this.#parts.reads.mark(id, seq);
  }
}
