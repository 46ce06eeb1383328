// What of one room is in memory: entries ascending by seq, with every event
// folded in once. No network, no signals.
import type { Message, MessagePage, RoomEvent } from '../wire/protocol.ts';
import type { SystemEntry, SystemEvent } from './contract.ts';
import { deleted, edited, entryOf, reacted, type Me, type StoredMessage } from './message.ts';

export type Stored = StoredMessage | SystemEntry;

/** Entries a room may have in memory. */
export const mostOfRoom = 10_000;

export class History {
  readonly #me: () => Me;
  readonly #hidden = new Set<number>();
  #list: Stored[] = [];
  /** Events up to here are in the page that everything began with. */
  #floor = 0;
  #epoch = '';

  constructor(me: () => Me) {
    this.#me = me;
  }

  get epoch(): string {
    return this.#epoch;
  }

  get size(): number {
    return this.#list.length;
  }

  first(): Stored | undefined {
    return this.#list[0];
  }

  last(): Stored | undefined {
    return this.#list.at(-1);
  }

  clear(): void {
    this.#list = [];
    this.#floor = 0;
    this.#epoch = '';
  }

  /** Begins anew with a page. */
  replace(page: MessagePage): void {
    this.#list = this.#entriesOf(page);
    this.#floor = page.head;
    this.#epoch = page.epoch;
  }

  /** Adds a page at either end. */
  extend(page: MessagePage): void {
    const added = this.#entriesOf(page).filter((entry) => this.find(entry.seq) === undefined);
    this.#list = [...this.#list, ...added].sort((a, b) => a.seq - b.seq);
  }

  /** Drops what is too much; true if the newest had to go. */
  trim(from: 'oldest' | 'newest'): boolean {
    const excess = this.#list.length - mostOfRoom;
    if (excess <= 0) return false;
    if (from === 'oldest') this.#list.splice(0, excess);
    else this.#list.length = mostOfRoom;
    return from === 'newest';
  }

  /**
   * Folds an event in. `atEnd`: the newest message is in memory, so that new
   * ones may follow it; otherwise they would leave a gap.
   */
  apply(event: RoomEvent, atEnd: boolean): void {
    if (event.seq <= this.#floor) return;
    switch (event.type) {
      case 'message.created':
        return this.#created(event.message, event.seq, atEnd);
      case 'message.edited':
        return this.#fold(event.message.seq, event.seq, (old) => edited(old, event.message));
      case 'message.deleted':
        return this.#fold(event.message.seq, event.seq, (old) => deleted(old, event.message.deleted_at));
      case 'reaction.added':
      case 'reaction.removed':
        return this.#reacted(event);
      default:
        if (atEnd) this.#insertSystem(event);
    }
  }

  /** A change of mine, before the server says so. False if it is not in memory. */
  change(seq: number, how: (message: Message) => Message, unconfirmed: boolean): boolean {
    const entry = this.find(seq);
    if (entry === undefined) return false;
    this.#put(entryOf(how(entry.message), entry.asOf, this.#me(), unconfirmed));
    return true;
  }

  hide(seq: number, yes: boolean): void {
    if (yes) this.#hidden.add(seq);
    else this.#hidden.delete(seq);
  }

  find(seq: number): StoredMessage | undefined {
    const entry = this.#list[this.#placeOf(seq)];
    return entry?.kind === 'message' && entry.seq === seq ? entry : undefined;
  }

  /** The newest message that `fits`. */
  findLast(fits: (entry: StoredMessage) => boolean): StoredMessage | undefined {
    return this.#list.findLast((entry): entry is StoredMessage => entry.kind === 'message' && fits(entry));
  }

  /** Others' undeleted messages after `seq`; null where memory does not reach back so far. */
  countAfter(seq: number, reachesStart: boolean): { unread: number; mentions: number } | null {
    const first = this.#list[0];
    if (!reachesStart && (first === undefined || first.seq > seq + 1)) return null;
    const me = this.#me().id;
    const after = this.#list
      .slice(this.#placeOf(seq + 1))
      .filter((entry) => entry.kind === 'message' && entry.message.user.id !== me && !isDeleted(entry));
    const mentions = after.filter((entry) => entry.kind === 'message' && entry.mentionsMe);
    return { unread: after.length, mentions: mentions.length };
  }

  /** What is drawn: deleted messages only stand while something answers them. */
  visible(): readonly Stored[] {
    if (this.#hidden.size === 0 && !this.#list.some(isDeleted)) return this.#list.slice();
    const answered = new Set(this.#list.map((entry) => (entry.kind === 'message' ? entry.message.reply_to : undefined)));
    return this.#list.filter(
      (entry) => !this.#hidden.has(entry.seq) && (!isDeleted(entry) || answered.has(entry.seq)),
    );
  }

  #entriesOf(page: MessagePage): StoredMessage[] {
    return page.messages.map((message) => entryOf(message, page.head, this.#me()));
  }

  #created(message: Message, asOf: number, atEnd: boolean): void {
    if (this.find(message.seq) !== undefined || !atEnd) return;
    this.#insert(entryOf(message, asOf, this.#me()));
  }

  #fold(seq: number, asOf: number, how: (old: Message) => Message): void {
    const entry = this.find(seq);
    // A page that was fetched later knows it already.
    if (entry === undefined || asOf <= entry.asOf) return;
    this.#put(entryOf(how(entry.message), asOf, this.#me()));
  }

  #reacted(event: RoomEvent & { type: 'reaction.added' | 'reaction.removed' }): void {
    const on = event.type === 'reaction.added';
    const me = this.#me().id;
    this.#fold(event.message_seq, event.seq, (old) => reacted(old, event.emoji, event.user, on, me));
  }

  #insertSystem(event: RoomEvent): void {
    const what = systemEvent(event);
    if (what === null || !('at' in event)) return;
    const { seq } = event;
    this.#insert(Object.freeze({ kind: 'system', id: `system-${seq}`, seq, at: Date.parse(event.at), event: what }));
  }

  #insert(entry: Stored): void {
    const place = this.#placeOf(entry.seq);
    if (this.#list[place]?.seq !== entry.seq) this.#list.splice(place, 0, entry);
  }

  #put(entry: StoredMessage): void {
    this.#list[this.#placeOf(entry.seq)] = entry;
  }

  /** The index of the first entry from `seq` on. Most asked for is the end. */
  #placeOf(seq: number): number {
    let low = 0;
    let high = this.#list.length;
    if (high > 0 && this.#list[high - 1]!.seq < seq) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#list[middle]!.seq < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function isDeleted(entry: Stored): boolean {
  return entry.kind === 'message' && entry.message.deleted_at !== undefined;
}

// What a line in the room says of an event; null for nothing.
function systemEvent(event: RoomEvent): SystemEvent | null {
  if (event.type === 'member.joined') return { type: 'joined', user: event.user, by: event.by };
  if (event.type === 'member.left') return { type: 'left', user: event.user, by: event.by };
  if (event.type !== 'room.changed') return null;
  const { changes, by } = event;
  if (changes.archived !== undefined) return { type: changes.archived ? 'archived' : 'restored', by };
  if (changes.name !== undefined) return { type: 'renamed', name: changes.name, by };
  if (changes.topic !== undefined) return { type: 'topic', topic: changes.topic, by };
  return null;
}
