// Which entries of a room are in the page, and how the line being read keeps
// its place. Arithmetic only: indices of a room's `entries`, and pixels.
import type { Entry } from './contract.ts';

/** entries[from] up to but without entries[to] are in the page. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** Entries when a room opens. */
export const opening = 60;
/** By how many an edge is extended. */
export const step = 50;
/** To how many the window is trimmed once scrolling is still. */
export const resting = 200;
/** Never more than this. */
export const most = 600;
/** How long scrolling is still before trimming, in ms. */
export const stillness = 180;
/** Within so many pixels of the end the list follows. */
export const followWithin = 40;

/** The newest entries. */
export function openAtEnd(total: number): Window {
  return { from: Math.max(0, total - opening), to: total };
}

/** The entries around one: a permalink, or the New line. */
export function openAround(index: number, total: number): Window {
  const from = clamp(index - opening / 2, 0, Math.max(0, total - opening));
  return { from, to: Math.min(total, from + opening) };
}

/** One step further up or down; beyond `most` the other edge gives way. */
export function extend(at: Window, side: 'up' | 'down', total: number): Window {
  if (side === 'up') {
    const from = Math.max(0, at.from - step);
    return { from, to: Math.min(at.to, from + most) };
  }
  const to = Math.min(total, at.to + step);
  return { from: Math.max(at.from, to - most), to };
}

/**
 * Down to `resting` entries around those seen (first and last index on the
 * screen); unchanged when small enough. Only while scrolling is still: a write
 * of the scroll position stops a fling.
 */
export function trim(at: Window, firstSeen: number, lastSeen: number): Window {
  if (at.to - at.from <= resting) return at;
  const middle = Math.round((firstSeen + lastSeen) / 2);
  const from = clamp(middle - resting / 2, at.from, at.to - resting);
  return { from, to: from + resting };
}

/**
 * The same entries after the room's entries changed. While `following`, the
 * end goes along with arrivals; otherwise new ones wait below the window.
 */
export function relocate(at: Window, before: readonly Entry[], after: readonly Entry[], following: boolean): Window {
  if (before.length === 0 || at.from >= at.to) return openAtEnd(after.length);
  const from = placeOf(after, orderOf(before[at.from]!));
  const last = orderOf(before[at.to - 1]!);
  const to = following ? after.length : placeOf(after, last) + (holds(after, last) ? 1 : 0);
  if (to <= from) return openAtEnd(after.length);
  return following ? { from: Math.max(from, to - most), to } : { from, to: Math.min(to, from + most) };
}

/** The index of the message with this seq, or -1. */
export function indexOf(entries: readonly Entry[], seq: number): number {
  const at = placeOf(entries, seq);
  return holds(entries, seq) ? at : -1;
}

/** Which edge needs more: less than two viewports remain beyond it. Pixels. */
export function edgeNeeded(above: number, below: number, viewport: number): 'up' | 'down' | null {
  if (above < 2 * viewport) return 'up';
  return below < 2 * viewport ? 'down' : null;
}

/**
 * The first of `count` rows that reaches below `top`; `count` if none does.
 * `bottomOf` measures a row; it is asked about log2(count) of them.
 */
export function firstVisible(count: number, bottomOf: (row: number) => number, top: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (bottomOf(middle) > top) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Where a row was noted to be: `offset` pixels below the top of the viewport. */
export interface Anchor {
  readonly id: string;
  readonly offset: number;
}

/**
 * By how much to scroll so that the anchor's row, now at `offset`, is back at
 * its place; 0 if it is. The anchor itself is not renewed by a correction, so
 * rounding never adds up.
 */
export function correction(anchor: Anchor, offset: number): number {
  const moved = offset - anchor.offset;
  return Math.abs(moved) < 0.01 ? 0 : moved;
}

export function isFollowing(fromEnd: number): boolean {
  return fromEnd <= followWithin;
}

/** What the pill above the composer says. */
export function pill(fromEnd: number, viewport: number, arrived: number): 'none' | 'new' | 'latest' {
  if (isFollowing(fromEnd)) return 'none';
  if (fromEnd > 2 * viewport) return 'latest';
  return arrived > 0 ? 'new' : 'none';
}

// Entries ascend by seq, pending ones after all others.
function orderOf(entry: Entry): number {
  return entry.kind === 'pending' ? Number.MAX_SAFE_INTEGER : entry.seq;
}

function placeOf(entries: readonly Entry[], order: number): number {
  return firstVisible(entries.length, (i) => orderOf(entries[i]!), order - 1);
}

function holds(entries: readonly Entry[], order: number): boolean {
  const found = entries[placeOf(entries, order)];
  return found !== undefined && orderOf(found) === order;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
