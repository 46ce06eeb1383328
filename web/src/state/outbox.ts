// Messages of mine that the server has not confirmed: shown at once, kept
// across reloads, sent in order, each under one key so that sending twice
// never says it twice.
import { signal, type ReadonlySignal } from '@preact/signals';
import { backoff } from '../lib/backoff.ts';
import type { Clock, Store } from '../lib/env.ts';
import { failure } from '../wire/api.ts';
import type { Problem } from '../wire/protocol.ts';
import type { OutboxItem, OutboxState } from './contract.ts';

export interface OutboxParts {
  clock: Clock;
  random(): number;
  newKey(): string;
  store: Store;
  /** Sends one; answers its seq after the commit. Rejects as the API does. */
  deliver(item: OutboxItem): Promise<number>;
  /** It is committed; its event may still be on its way. */
  delivered(item: OutboxItem): void;
}

// More than this nobody writes in vain; the text stays in the composer.
const most = 200;

export class Outbox implements OutboxState {
  readonly #parts: OutboxParts;
  readonly #items = signal<readonly OutboxItem[]>([]);
  /** Rooms with an unanswered send, or a wait before the next try. */
  readonly #busy = new Map<number, { cancel(): void }>();
  readonly #attempts = new Map<number, number>();
  /** Of sent ones: the seq that the server gave. */
  readonly #sent = new Map<string, number>();
  readonly #unwatch: () => void;
  #user = 0;
  #connected = false;
  #lastAt = 0;

  constructor(parts: OutboxParts) {
    this.#parts = parts;
    this.#unwatch = parts.store.watch((name, value) => this.#changedElsewhere(name, value));
  }

  get items(): ReadonlySignal<readonly OutboxItem[]> {
    return this.#items;
  }

  /** Takes up what this person left unsent on this device. */
  begin(user: number): void {
    if (user === this.#user) return;
    this.#user = user;
    const kept = this.#parts.store.names(this.#name('')).map((name) => this.#read(name));
    this.#items.value = kept.filter((item) => item !== null).sort((a, b) => a.at - b.at);
    this.#lastAt = this.#items.peek().at(-1)?.at ?? 0;
  }

  send(room: number, text: string, replyTo?: number): OutboxItem | null {
    if (this.#items.peek().length >= most) return null;
    // Ascending, so that the order survives a reload.
    this.#lastAt = Math.max(this.#parts.clock.now(), this.#lastAt + 1);
    const item = freeze({
      key: this.#parts.newKey(),
      room,
      text,
      replyTo: replyTo ?? null,
      at: this.#lastAt,
      phase: 'waiting',
      problem: null,
    });
    this.#keep(item);
    this.#items.value = [...this.#items.peek(), item];
    this.#next(room);
    return item;
  }

  retry(key: string): void {
    const item = this.#find(key);
    if (item?.phase !== 'failed') return;
    this.#keep(this.#replace(item, { phase: 'waiting', problem: null }));
    this.#next(item.room);
  }

  discard(key: string): void {
    const item = this.#find(key);
    if (item?.phase === 'failed' || item?.phase === 'waiting') this.seen(key);
  }

  /** A new connection: waits are over. Or it is lost: what is under way waits. */
  connected(yes: boolean): void {
    this.#connected = yes;
    if (!yes) return;
    this.#attempts.clear();
    for (const [room, wait] of this.#busy) {
      wait.cancel();
      this.#busy.delete(room);
    }
    for (const item of this.#items.peek()) if (item.phase === 'sending') this.#replace(item, { phase: 'waiting' });
    for (const room of new Set(this.#items.peek().map((item) => item.room))) this.#next(room);
  }

  /** The server's copy is here (or it was deleted): nothing is pending any more. */
  seen(key: string): void {
    const item = this.#find(key);
    if (item === undefined) return;
    this.#forget(key);
    this.#items.value = this.#items.peek().filter((other) => other !== item);
  }

  /** Everything of the room up to `seq` is known: confirmed ones need no event. */
  settle(room: number, seq: number): void {
    for (const item of this.#items.peek()) {
      const at = this.#sent.get(item.key);
      if (item.room === room && at !== undefined && at <= seq) this.seen(item.key);
    }
  }

  /** Deletes everything of this person on this device. */
  clear(): void {
    for (const item of this.#items.peek()) this.#forget(item.key);
    this.#items.value = [];
    this.#user = 0;
  }

  stop(): void {
    this.#unwatch();
    for (const wait of this.#busy.values()) wait.cancel();
    this.#busy.clear();
  }

  #next(room: number): void {
    if (!this.#connected || this.#busy.has(room)) return;
    const item = this.#items.peek().find((one) => one.room === room && one.phase === 'waiting');
    if (item !== undefined) void this.#deliver(this.#replace(item, { phase: 'sending' }));
  }

  async #deliver(item: OutboxItem): Promise<void> {
    const turn = { cancel: () => {} };
    this.#busy.set(item.room, turn);
    let problem: Problem | null = null;
    let again = false;
    try {
      this.#delivered(item, await this.#parts.deliver(item));
    } catch (err) {
      const failed = failure(err);
      again = failed.kind === 'network' || mayRetry(failed.problem);
      if (failed.kind === 'problem') problem = failed.problem;
    }
    // A new connection may have taken over meanwhile: it sends it again itself.
    if (this.#busy.get(item.room) !== turn) return;
    this.#busy.delete(item.room);
    if (again) this.#postpone(item);
    else if (problem !== null) this.#refused(item, problem);
    this.#next(item.room);
  }

  #delivered(item: OutboxItem, seq: number): void {
    this.#attempts.delete(item.room);
    this.#parts.store.remove(this.#name(item.key));
    const current = this.#find(item.key);
    if (current === undefined) return;
    this.#sent.set(item.key, seq);
    this.#parts.delivered(this.#replace(current, { phase: 'sent' }));
  }

  #refused(item: OutboxItem, problem: Problem): void {
    const current = this.#find(item.key);
    if (current !== undefined) this.#keep(this.#replace(current, { phase: 'failed', problem }));
  }

  // The next one of the room waits too: order before speed.
  #postpone(item: OutboxItem): void {
    const current = this.#find(item.key);
    if (current?.phase === 'sending') this.#replace(current, { phase: 'waiting' });
    if (!this.#connected || this.#busy.has(item.room)) return;
    const attempt = this.#attempts.get(item.room) ?? 0;
    this.#attempts.set(item.room, attempt + 1);
    const cancel = this.#parts.clock.after(backoff(attempt, this.#parts.random), () => {
      this.#busy.delete(item.room);
      this.#next(item.room);
    });
    this.#busy.set(item.room, { cancel });
  }

  #find(key: string): OutboxItem | undefined {
    return this.#items.peek().find((item) => item.key === key);
  }

  #replace(item: OutboxItem, part: Partial<OutboxItem>): OutboxItem {
    const next = freeze({ ...item, ...part });
    this.#items.value = this.#items.peek().map((one) => (one.key === item.key ? next : one));
    return next;
  }

  #name(key: string): string {
    return `outbox:${this.#user}:${key}`;
  }

  #keep(item: OutboxItem): void {
    this.#parts.store.write(this.#name(item.key), JSON.stringify(item));
  }

  #forget(key: string): void {
    this.#sent.delete(key);
    this.#parts.store.remove(this.#name(key));
  }

  #read(name: string): OutboxItem | null {
    try {
      const item = JSON.parse(this.#parts.store.read(name) ?? '') as OutboxItem;
      const phase = item.phase === 'failed' ? 'failed' : 'waiting';
      return freeze({ ...item, phase });
    } catch {
      return null;
    }
  }

  // Another tab has sent or discarded one that both had taken up.
  #changedElsewhere(name: string, value: string | null): void {
    const prefix = this.#name('');
    if (value !== null || !name.startsWith(prefix)) return;
    const item = this.#find(name.slice(prefix.length));
    if (item !== undefined && item.phase !== 'sending' && item.phase !== 'sent') this.seen(item.key);
  }
}

function mayRetry({ status }: Problem): boolean {
  return status === 429 || status >= 500;
}

function freeze(item: OutboxItem): OutboxItem {
  return Object.freeze(item);
}
