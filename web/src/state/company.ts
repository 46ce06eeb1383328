// Who is typing, who is here: never numbered, never stored.
import { signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { Clock } from '../lib/env.ts';
import type { Presence, PresenceState, Typing, UserRef } from '../wire/protocol.ts';
import type { CompanyState } from './contract.ts';

export interface CompanyParts {
  clock: Clock;
  me(): number;
  /** Tells the server that I am typing. */
  tell(room: number): void;
}

const shownFor = 5000;
const toldEvery = 3000;
// A line has no room for more names anyway.
const mostTyping = 20;

interface Typist {
  user: UserRef;
  cancel(): void;
}

export class Company implements CompanyState {
  readonly #parts: CompanyParts;
  readonly #typing = new Map<number, Signal<readonly UserRef[]>>();
  readonly #presence = new Map<number, Signal<ReadonlyMap<number, PresenceState>>>();
  readonly #typists = new Map<string, Typist>();
  #told = { room: 0, at: 0 };

  constructor(parts: CompanyParts) {
    this.#parts = parts;
  }

  typing(room: number): ReadonlySignal<readonly UserRef[]> {
    return this.#typingIn(room);
  }

  presence(room: number): ReadonlySignal<ReadonlyMap<number, PresenceState>> {
    return this.#presenceIn(room);
  }

  keyPressed(room: number): void {
    const now = this.#parts.clock.now();
    if (this.#told.room === room && now - this.#told.at < toldEvery) return;
    this.#told = { room, at: now };
    this.#parts.tell(room);
  }

  typed({ room, user }: Typing): void {
    if (user.id === this.#parts.me()) return;
    const id = `${room}:${user.id}`;
    const known = this.#typists.get(id);
    const shown = this.#typingIn(room);
    if (known === undefined && shown.peek().length >= mostTyping) return;
    known?.cancel();
    const cancel = this.#parts.clock.after(shownFor, () => this.stopped(room, user.id));
    this.#typists.set(id, { user, cancel });
    if (known === undefined) shown.value = [...shown.peek(), user];
  }

  /** They said it, left, or fell silent. */
  stopped(room: number, user: number): void {
    const id = `${room}:${user}`;
    const known = this.#typists.get(id);
    if (known === undefined) return;
    known.cancel();
    this.#typists.delete(id);
    const shown = this.#typingIn(room);
    shown.value = shown.peek().filter((other) => other.id !== user);
  }

  present({ room, users }: Presence): void {
    const shown = this.#presenceIn(room);
    const next = new Map(shown.peek());
    for (const { id, state } of users) {
      if (state === 'offline') next.delete(id);
      else next.set(id, state);
    }
    shown.value = next;
  }

  /** My own message ends my typing: the next key tells it again. */
  said(): void {
    this.#told = { room: 0, at: 0 };
  }

  /** Before a new watch, whose first answer names everybody. */
  forget(room: number): void {
    for (const user of this.#typingIn(room).peek()) this.stopped(room, user.id);
    this.#presenceIn(room).value = new Map();
  }

  stop(): void {
    for (const typist of this.#typists.values()) typist.cancel();
    this.#typists.clear();
  }

  #typingIn(room: number): Signal<readonly UserRef[]> {
    let shown = this.#typing.get(room);
    if (shown === undefined) this.#typing.set(room, (shown = signal([])));
    return shown;
  }

  #presenceIn(room: number): Signal<ReadonlyMap<number, PresenceState>> {
    let shown = this.#presence.get(room);
    if (shown === undefined) this.#presence.set(room, (shown = signal(new Map())));
    return shown;
  }
}
