import { Timeline, type TimelineParts } from './timeline.ts';

/** Entries of all rooms together that may be in memory. */
const mostInAll = 30_000;

/** The timelines of all rooms; those left longest ago give their memory back. */
export class Timelines {
  readonly #parts: TimelineParts;
  /** Least recently opened first. */
  readonly #rooms = new Map<number, Timeline>();

  constructor(parts: TimelineParts) {
    this.#parts = parts;
  }

  of(room: number): Timeline {
    let timeline = this.#rooms.get(room);
    if (timeline === undefined) {
      timeline = new Timeline(room, this.#parts);
      this.#rooms.set(room, timeline);
    }
    return timeline;
  }

  /** The timeline if the room was ever opened. */
  peek(room: number): Timeline | undefined {
    return this.#rooms.get(room);
  }

  all(): Timeline[] {
    return [...this.#rooms.values()];
  }

  /** The room is opened now: others make way for it. */
  opened(room: number): void {
    const opened = this.of(room);
    this.#rooms.delete(room);
    this.#rooms.set(room, opened);
    let total = this.all().reduce((sum, timeline) => sum + timeline.size, 0);
    for (const timeline of this.all()) {
      if (total <= mostInAll || timeline === opened) return;
      total -= timeline.size;
      timeline.forget();
    }
  }

  stop(): void {
    for (const timeline of this.all()) timeline.stop();
  }
}
