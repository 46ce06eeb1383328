// What people are told about the connection.
import { computed, effect, signal, type ReadonlySignal } from '@preact/signals';
import type { Clock, Page } from '../lib/env.ts';
import type { Phase } from '../realtime/connection.ts';
import type { Banner, ConnectionState } from './contract.ts';

export interface ConnectionParts {
  clock: Clock;
  page: Page;
  phase: ReadonlySignal<Phase>;
  retry(): void;
}

// A shorter loss is not worth a word.
const silentFor = 3000;

export class ConnectionStatus implements ConnectionState {
  readonly #parts: ConnectionParts;
  readonly #late = signal(false);
  readonly #online = signal(true);
  readonly #updated = signal(false);
  readonly #closeCode = signal<number | null>(null);
  readonly #stops: (() => void)[];
  #cancelLate: (() => void) | null = null;
  readonly connected: ReadonlySignal<boolean>;
  readonly banner: ReadonlySignal<Banner>;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    this.#online.value = parts.page.online();
    this.connected = computed(() => parts.phase.value === 'live');
    this.banner = computed(() => this.#banner());
    this.#stops = [
      parts.page.watch(() => (this.#online.value = parts.page.online())),
      effect(() => this.#watchLoss()),
    ];
  }

  get closeCode(): ReadonlySignal<number | null> {
    return this.#closeCode;
  }

  retry(): void {
    this.#parts.retry();
  }

  /** Given up for good, with this close code. */
  gaveUp(code: number): void {
    this.#closeCode.value = code;
  }

  /** The server is of another version than this page. */
  outdated(): void {
    this.#updated.value = true;
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    this.#cancelLate?.();
  }

  #banner(): Banner {
    const phase = this.#parts.phase.value;
    if (this.#closeCode.value !== null && phase === 'final') return 'stopped';
    if (phase === 'opening' || phase === 'waiting') {
      if (!this.#online.value) return 'offline';
      if (this.#late.value) return 'reconnecting';
    }
    return this.#updated.value ? 'updated' : 'none';
  }

  #watchLoss(): void {
    const phase = this.#parts.phase.value;
    if (phase !== 'opening' && phase !== 'waiting') {
      this.#cancelLate?.();
      this.#cancelLate = null;
      this.#late.value = false;
      return;
    }
    this.#cancelLate ??= this.#parts.clock.after(silentFor, () => (this.#late.value = true));
  }
}
