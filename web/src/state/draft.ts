// What is being written in each room: one draft per person and room, kept on
// this device.
import { signal, type ReadonlySignal } from '@preact/signals';
import type { Clock, Page, Store } from '../lib/env.ts';
import type { Draft, DraftsState } from './contract.ts';

export interface DraftParts {
  clock: Clock;
  store: Store;
  page: Page;
}

const saveAfter = 300;
const empty: Draft = Object.freeze({ text: '', replyTo: null });

export class Drafts implements DraftsState {
  readonly #parts: DraftParts;
  readonly #rooms = signal<ReadonlySet<number>>(new Set());
  /** Written, but not saved yet. */
  readonly #unsaved = new Map<number, Draft>();
  readonly #stops: (() => void)[];
  #cancelSave: (() => void) | null = null;
  #user = 0;

  constructor(parts: DraftParts) {
    this.#parts = parts;
    this.#stops = [
      parts.page.watch(() => {
        if (!parts.page.visible()) this.#save();
      }),
      parts.store.watch((name) => {
        if (name.startsWith(this.#name(''))) this.#list();
      }),
    ];
  }

  get rooms(): ReadonlySignal<ReadonlySet<number>> {
    return this.#rooms;
  }

  begin(user: number): void {
    if (user === this.#user) return;
    this.#unsaved.clear();
    this.#user = user;
    this.#list();
  }

  read(room: number): Draft {
    const unsaved = this.#unsaved.get(room);
    if (unsaved !== undefined) return unsaved;
    try {
      return { ...empty, ...(JSON.parse(this.#parts.store.read(this.#name(room)) ?? '{}') as Draft) };
    } catch {
      return empty;
    }
  }

  write(room: number, draft: Draft): void {
    this.#unsaved.set(room, draft);
    this.#mark(room, !isEmpty(draft));
    this.#cancelSave?.();
    this.#cancelSave = this.#parts.clock.after(saveAfter, () => this.#save());
  }

  clear(room: number): void {
    this.#unsaved.delete(room);
    this.#parts.store.remove(this.#name(room));
    this.#mark(room, false);
  }

  /** Deletes everything of this person on this device. */
  clearAll(): void {
    for (const name of this.#parts.store.names(this.#name(''))) this.#parts.store.remove(name);
    this.#unsaved.clear();
    this.#user = 0;
    this.#rooms.value = new Set();
  }

  stop(): void {
    this.#save();
    for (const stop of this.#stops) stop();
  }

  #save(): void {
    this.#cancelSave?.();
    this.#cancelSave = null;
    if (this.#user === 0) return;
    for (const [room, draft] of this.#unsaved) {
      if (isEmpty(draft)) this.#parts.store.remove(this.#name(room));
      else this.#parts.store.write(this.#name(room), JSON.stringify(draft));
    }
    this.#unsaved.clear();
  }

  #mark(room: number, has: boolean): void {
    if (this.#rooms.peek().has(room) === has) return;
    const rooms = new Set(this.#rooms.peek());
    if (has) rooms.add(room);
    else rooms.delete(room);
    this.#rooms.value = rooms;
  }

  #list(): void {
    const prefix = this.#name('');
    this.#rooms.value = new Set(this.#parts.store.names(prefix).map((name) => Number(name.slice(prefix.length))));
  }

  #name(room: number | ''): string {
    return `draft:${this.#user}:${room}`;
  }
}

function isEmpty(draft: Draft): boolean {
  return draft.text.trim() === '' && draft.replyTo === null;
}
