import { signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { Api } from '../wire/api.ts';
import type { UserRef } from '../wire/protocol.ts';

const PAGES = 20;

/** The people of rooms, fetched when somebody asks and again when somebody came or went. */
export class Members {
  readonly #api: Pick<Api, 'members'>;
  readonly #rooms = new Map<number, Signal<readonly UserRef[] | null>>();

  constructor(api: Pick<Api, 'members'>) {
    this.#api = api;
  }

  /** The people of a room, by name; null until known. */
  of(room: number): ReadonlySignal<readonly UserRef[] | null> {
    return this.#held(room);
  }

  /** Fetches them; on failure what is known stays. Rejects as the API does. */
  async load(room: number): Promise<void> {
    const all: UserRef[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < PAGES; page++) {
      const answer = await this.#api.members(room, cursor);
      all.push(...answer.members);
      cursor = answer.next;
      if (!cursor) break;
    }
    this.#held(room).value = Object.freeze(all.sort(byName));
  }

  #held(room: number): Signal<readonly UserRef[] | null> {
    let held = this.#rooms.get(room);
    if (!held) this.#rooms.set(room, (held = signal(null)));
    return held;
  }
}

const collator = new Intl.Collator(undefined, { numeric: true });

export function byName(a: { name: string }, b: { name: string }): number {
  return collator.compare(a.name, b.name);
}
