// From a room's entries to the rows that are drawn: day lines, the New line,
// runs of system lines, and messages grouped by author.
import type { Entry, MessageEntry, PendingEntry, SystemEntry } from '../state/contract.ts';
import { dayKey } from './time.ts';

export type Row = DayRow | NewRow | SystemRow | MessageRow;

export interface DayRow {
  readonly kind: 'day';
  readonly id: string;
  readonly at: number;
}

export interface NewRow {
  readonly kind: 'new';
  readonly id: 'new';
}

/** A run of the same kind of event, drawn as one line. */
export interface SystemRow {
  readonly kind: 'system';
  readonly id: string;
  readonly entries: readonly SystemEntry[];
}

export interface MessageRow {
  readonly kind: 'message';
  readonly id: string;
  readonly entry: MessageEntry | PendingEntry;
  /** The first of its group: with avatar, name and time. */
  readonly first: boolean;
}

export interface GroupContext {
  /** My user id. */
  readonly me: number;
  /** The entry that the New line stands above: what `firstNew` gave. */
  readonly newId: string | null;
  /** The entry just before those given, if there is one: `entries` may be a slice. */
  readonly before?: Entry | undefined;
}

const together = 5 * 60_000;

/**
 * The rows of `entries`. Those that are as in `previous` are the same objects,
 * so that components memoised on them are left alone.
 */
export function group(entries: readonly Entry[], context: GroupContext, previous: readonly Row[] = []): readonly Row[] {
  const rows: Row[] = [];
  let before = context.before;
  for (const entry of entries) {
    const newDay = before === undefined || dayKey(before.at) !== dayKey(entry.at);
    const isNew = entry.id === context.newId;
    if (newDay) rows.push({ kind: 'day', id: `day-${dayKey(entry.at)}-${entry.id}`, at: entry.at });
    if (isNew) rows.push({ kind: 'new', id: 'new' });
    if (entry.kind === 'system') addSystem(rows, entry);
    else {
      const first = newDay || isNew || before === undefined || !continues(before, entry, context.me);
      rows.push({ kind: 'message', id: entry.id, entry, first });
    }
    before = entry;
  }
  return kept(rows, previous);
}

/**
 * The id of the entry that the New line stands above: the first message by
 * somebody else after `newAfter`. `entries` are all of the room's.
 */
export function firstNew(entries: readonly Entry[], newAfter: number | null, me: number): string | null {
  if (newAfter === null) return null;
  let first: string | null = null;
  for (let i = entries.length - 1; i >= 0; i--) {
    const entry = entries[i]!;
    if (entry.kind === 'pending') continue;
    if (entry.seq <= newAfter) break;
    if (entry.kind === 'message' && entry.message.user.id !== me) first = entry.id;
  }
  return first;
}

function continues(before: Entry, entry: MessageEntry | PendingEntry, me: number): boolean {
  if (before.kind === 'system') return false;
  if (authorOf(before, me) !== authorOf(entry, me)) return false;
  if (entry.at - before.at > together) return false;
  return !standsAlone(entry) && !isDeleted(before) && !isDeleted(entry);
}

function authorOf(entry: MessageEntry | PendingEntry, me: number): number {
  return entry.kind === 'pending' ? me : entry.message.user.id;
}

// A reply's quote and a mention of me get a head of their own.
function standsAlone(entry: MessageEntry | PendingEntry): boolean {
  if (entry.kind === 'pending') return entry.item.replyTo !== null;
  return entry.message.reply_to !== undefined || entry.mentionsMe;
}

function isDeleted(entry: MessageEntry | PendingEntry): boolean {
  return entry.kind === 'message' && entry.message.deleted_at !== undefined;
}

function addSystem(rows: Row[], entry: SystemEntry): void {
  const last = rows.at(-1);
  if (last?.kind === 'system' && last.entries[0]!.event.type === entry.event.type) {
    rows[rows.length - 1] = { ...last, entries: [...last.entries, entry] };
    return;
  }
  rows.push({ kind: 'system', id: entry.id, entries: [entry] });
}

function kept(rows: Row[], previous: readonly Row[]): readonly Row[] {
  const old = new Map(previous.map((row) => [row.id, row]));
  return rows.map((row) => {
    const was = old.get(row.id);
    return was !== undefined && same(was, row) ? was : row;
  });
}

function same(a: Row, b: Row): boolean {
  if (a.kind === 'message' && b.kind === 'message') return a.entry === b.entry && a.first === b.first;
  if (a.kind === 'system' && b.kind === 'system') {
    return a.entries.length === b.entries.length && a.entries.every((entry, i) => entry === b.entries[i]);
  }
  if (a.kind === 'day' && b.kind === 'day') return a.at === b.at;
  return a.kind === 'new' && b.kind === 'new';
}
