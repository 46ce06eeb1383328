import { signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { Api } from '../wire/api.ts';
import type { UserRef } from '../wire/protocol.ts';

const PAGES = 20;

/** Somebody who came, or went. */
interface Move {
  user: UserRef;
  here: boolean;
}

/** The people of rooms: fetched when somebody asks, then kept true by what is told of comings and goings. */
export class Members {
  readonly #api: Pick<Api, 'members'>;
  readonly #rooms = new Map<number, Signal<readonly UserRef[] | null>>();
  /** What happened while a list is under way, which may not have it. */
  readonly #meanwhile = new Map<number, Move[]>();

  constructor(api: Pick<Api, 'members'>) {
    this.#api = api;
  }

  /** The people of a room, by name; null until known. */
  of(room: number): ReadonlySignal<readonly UserRef[] | null> {
    return this.#held(room);
  }

  /** Fetches them; on failure what is known stays. Rejects as the API does. */
  async load(room: number): Promise<void> {
    const moves: Move[] = [];
    this.#meanwhile.set(room, moves);
    const all: UserRef[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < PAGES; page++) {
      const answer = await this.#api.members(room, cursor);
      all.push(...answer.members);
      cursor = answer.next;
      if (!cursor) break;
    }
    this.#held(room).value = Object.freeze(moves.reduce(moved, all.sort(byName)));
    if (this.#meanwhile.get(room) === moves) this.#meanwhile.delete(room);
  }

  /** Somebody came into the room, or left it. */
  moved(room: number, user: UserRef, here: boolean): void {
    const move = { user, here };
    this.#meanwhile.get(room)?.push(move);
    const held = this.#held(room);
    const known = held.peek();
    if (known !== null) held.value = Object.freeze(moved(known, move));
  }

  #held(room: number): Signal<readonly UserRef[] | null> {
    let held = this.#rooms.get(room);
    if (!held) this.#rooms.set(room, (held = signal(null)));
    return held;
  }
}

function moved(all: readonly UserRef[], { user, here }: Move): UserRef[] {
  const others = all.filter((one) => one.id !== user.id);
  return here ? [...others, user].sort(byName) : others;
}

const collator = new Intl.Collator(undefined, { numeric: true });

export function byName(a: { name: string }, b: { name: string }): number {
  return collator.compare(a.name, b.name);
}
