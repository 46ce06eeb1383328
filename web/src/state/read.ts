// Read marks on their way to the server.
import { backoff } from '../lib/backoff.ts';
import type { Clock } from '../lib/env.ts';
import { failure } from '../wire/api.ts';

export interface ReadParts {
  clock: Clock;
  random(): number;
  /** Rejects as the API does. */
  tell(room: number, seq: number): Promise<unknown>;
}

// While a busy room is read along, one mark a second is enough.
const tellEvery = 1000;

/**
 * Tells the server of each room the newest read seq, at most once a second;
 * what could not be told is told after the next connection.
 */
export class ReadMarks {
  readonly #parts: ReadParts;
  readonly #untold = new Map<number, number>();
  readonly #waiting = new Map<number, () => void>();
  #attempt = 0;
  #connected = false;

  constructor(parts: ReadParts) {
    this.#parts = parts;
  }

  mark(room: number, seq: number): void {
    if (seq <= (this.#untold.get(room) ?? 0)) return;
    this.#untold.set(room, seq);
    if (!this.#waiting.has(room)) void this.#tell(room);
  }

  connected(yes: boolean): void {
    this.#connected = yes;
    if (!yes) return;
    this.stop();
    for (const room of [...this.#untold.keys()]) void this.#tell(room);
  }

  stop(): void {
    for (const cancel of this.#waiting.values()) cancel();
    this.#waiting.clear();
  }

  async #tell(room: number): Promise<void> {
    const seq = this.#untold.get(room);
    if (seq === undefined || !this.#connected) return;
    this.#wait(room, tellEvery);
    try {
      await this.#parts.tell(room, seq);
      this.#attempt = 0;
      this.#told(room, seq);
    } catch (err) {
      const failed = failure(err);
      if (failed.kind === 'network') return;
      if (failed.problem.status === 429 || failed.problem.status >= 500) {
        this.#wait(room, Math.max(tellEvery, backoff(this.#attempt++, this.#parts.random)));
      } else this.#told(room, seq);
    }
  }

  #told(room: number, seq: number): void {
    if (this.#untold.get(room) === seq) this.#untold.delete(room);
  }

  #wait(room: number, ms: number): void {
    this.#waiting.get(room)?.();
    const cancel = this.#parts.clock.after(ms, () => {
      this.#waiting.delete(room);
      void this.#tell(room);
    });
    this.#waiting.set(room, cancel);
  }
}
