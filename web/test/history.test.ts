// What of a room is drawn, kept along instead of searched for.
import { expect, it } from 'vitest';
import type { MessageEntry } from '../src/state/contract.ts';
import { History, mostOfRoom, type Stored } from '../src/state/history.ts';
import type { RoomEvent } from '../src/wire/protocol.ts';
import { aMessage, aPage, created, dana } from './fakes.ts';

const removal = (seq: number, target: number): RoomEvent => ({
  type: 'message.deleted', room: 7, epoch: 'e1', seq, message: { seq: target, deleted_at: '2026-11-19T10:00:00.000Z' },
});

/** The rule itself, by looking at everything. */
function drawn(history: History, hidden: ReadonlySet<number>, from: number, to: number): number[] {
  const all: MessageEntry[] = [];
  for (let seq = from; seq <= to; seq++) {
    const entry = history.find(seq);
    if (entry !== undefined) all.push(entry);
  }
  const answered = new Set(all.map(({ message }) => message.reply_to));
  return all
    .filter(({ seq, message }) => !hidden.has(seq) && (message.deleted_at === undefined || answered.has(seq)))
    .map(({ seq }) => seq);
}

/** Numbers that look random and are the same in every run. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

const seqs = (entries: readonly Stored[]) => entries.map((entry) => entry.seq);

it('draws deleted messages only while something answers them, whatever happened before', () => {
  const roll = dice(42);
  for (let round = 0; round < 20; round++) {
    const history = new History(() => dana);
    const hidden = new Set<number>();
    history.replace(aPage(51, 100));
    let head = 100;
    for (let step = 0; step < 120; step++) {
      const target = 51 + roll(head - 50);
      const act = roll(5);
      if (act === 0) history.apply(removal(++head, target), true);
      if (act === 1) history.apply(created(++head, { reply_to: target }), true);
      if (act === 2) history.apply(created(++head), true);
      if (act === 3 && hidden.delete(target)) history.hide(target, false);
      if (act === 4) history.hide((hidden.add(target), target), true);
      expect(seqs(history.visible())).toEqual(drawn(history, hidden, 1, head));
    }
    const older = aPage(1, 50, head);
    older.messages[9] = aMessage(10, { text: '', deleted_at: '2026-11-19T10:00:00.000Z' });
    history.extend(older);
    expect(seqs(history.visible())).toEqual(drawn(history, hidden, 1, head));
  }
});

it('forgets the answers that it has no room for', () => {
  const history = new History(() => dana);
  history.replace(aPage(1, mostOfRoom, mostOfRoom));
  history.apply(created(mostOfRoom + 1, { reply_to: 500 }), true);
  history.apply(removal(mostOfRoom + 2, 500), true);
  expect(seqs(history.visible())).toContain(500);
  history.trim('newest');
  expect(seqs(history.visible())).not.toContain(500);
});
