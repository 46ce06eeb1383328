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
  /** Deleted messages in memory, and how many answer each message: kept along, so that drawing scans nothing. */
  readonly #deleted = new Set<number>();
  readonly #answers = new Map<number, number>();
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
    this.#deleted.clear();
    this.#answers.clear();
    this.#floor = 0;
    this.#epoch = '';
  }

  /** Begins anew with a page. */
  replace(page: MessagePage): void {
    this.clear();
    this.#list = this.#entriesOf(page);
    for (const entry of this.#list) this.#note(entry, 1);
    this.#floor = page.head;
    this.#epoch = page.epoch;
  }

  /** Adds a page at either end. */
  extend(page: MessagePage): void {
    const added = this.#entriesOf(page).filter((entry) => this.find(entry.seq) === undefined);
    for (const entry of added) this.#note(entry, 1);
    this.#list = [...this.#list, ...added].sort((a, b) => a.seq - b.seq);
  }

  /** Drops what is too much; true if the newest had to go. */
  trim(from: 'oldest' | 'newest'): boolean {
    const excess = this.#list.length - mostOfRoom;
    if (excess <= 0) return false;
    const gone = this.#list.splice(from === 'oldest' ? 0 : mostOfRoom, excess);
    for (const entry of gone) this.#note(entry, -1);
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

  /**
   * What is drawn: deleted messages only stand while something answers them.
   * The work is that of what is left out, besides one copy of the list.
   */
  visible(): readonly Stored[] {
    const unanswered = [...this.#deleted].filter((seq) => !this.#answers.has(seq));
    const out = [...this.#hidden, ...unanswered].sort((a, b) => a - b);
    const parts: Stored[][] = [];
    let from = 0;
    for (const seq of out) {
      const at = this.#placeOf(seq);
      if (this.#list[at]?.seq !== seq || at < from) continue;
      parts.push(this.#list.slice(from, at));
      from = at + 1;
    }
    return parts.length === 0 ? this.#list.slice() : parts.flat().concat(this.#list.slice(from));
  }

  // An entry came into memory (1) or went out of it (-1).
  #note(entry: Stored, by: 1 | -1): void {
    if (entry.kind !== 'message') return;
    if (by === -1) this.#deleted.delete(entry.seq);
    else if (isDeleted(entry)) this.#deleted.add(entry.seq);
    const answered = entry.message.reply_to;
    if (answered === undefined) return;
    const count = (this.#answers.get(answered) ?? 0) + by;
    if (count > 0) this.#answers.set(answered, count);
    else this.#answers.delete(answered);
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
    if (this.#list[place]?.seq === entry.seq) return;
    this.#list.splice(place, 0, entry);
    this.#note(entry, 1);
  }

  #put(entry: StoredMessage): void {
    const place = this.#placeOf(entry.seq);
    this.#note(this.#list[place]!, -1);
    this.#list[place] = entry;
    this.#note(entry, 1);
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
