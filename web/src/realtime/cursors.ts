import type { Cursor } from '../wire/protocol.ts';

/** What a frame's number means for its room. */
export type Verdict = 'next' | 'old' | 'hole' | 'unknown';

/**
 * How far this client has got in each room it is in. Frames are taken only in
 * order, each once: the promise of delivery ends here.
 */
export class Cursors {
  readonly #rooms = new Map<number, Cursor>();

  /** Judges events `from` to `to`, and moves on if they are next. */
  take(room: number, from: number, to: number, epoch?: string): Verdict {
    const at = this.#rooms.get(room);
    if (at === undefined) return 'unknown';
    if (epoch !== undefined && epoch !== at.epoch) return 'hole';
    if (to <= at.seq) return 'old';
    if (from > at.seq + 1) return 'hole';
    this.#rooms.set(room, { epoch: at.epoch, seq: to });
    return 'next';
  }

  set(room: number, at: Cursor): void {
    this.#rooms.set(room, at);
  }

  drop(room: number): void {
    this.#rooms.delete(room);
  }

  /** The newest seq received; undefined for a room that is not followed. */
  seq(room: number): number | undefined {
    return this.#rooms.get(room)?.seq;
  }

  rooms(): number[] {
    return [...this.#rooms.keys()];
  }

  /** As `resume` wants it. */
  all(): Record<string, Cursor> {
    return Object.fromEntries(this.#rooms);
  }
}
