import { signal } from '@preact/signals';
import { beforeEach, describe, expect, it } from 'vitest';
import type { OutboxItem } from '../src/state/contract.ts';
import { Timeline } from '../src/state/timeline.ts';
import { NetworkProblem, type PageQuery } from '../src/wire/api.ts';
import type { MessagePage, RoomEvent } from '../src/wire/protocol.ts';
import { ada, aMessage, aPage, bruno, created, dana, danaRef, FakeClock, settled } from './fakes.ts';

/** One request for a page that the test answers. */
interface Asked {
  query: PageQuery;
  gives(page: MessagePage): Promise<void>;
  fails(): Promise<void>;
}

let clock: FakeClock;
let asked: Asked[];
let seen: string[];
let received: number | undefined;
let reading: number | null;
let visible: boolean;
let pending: ReturnType<typeof signal<readonly OutboxItem[]>>;
let timeline: Timeline;

beforeEach(() => {
  clock = new FakeClock();
  asked = [];
  seen = [];
  received = undefined;
  reading = null;
  visible = true;
  pending = signal<readonly OutboxItem[]>([]);
  timeline = new Timeline(7, {
    clock,
    visible: () => visible,
    me: () => dana,
    fetch: (_room, query) =>
      new Promise((resolve, reject) => {
        asked.push({
          query,
          gives: (page) => (resolve(page), settled()),
          fails: () => (reject(new NetworkProblem('page')), settled()),
        });
      }),
    pending: pending as never,
    seen: (key) => void seen.push(key),
    settled: () => {},
    received: () => received,
    reading: () => reading,
  });
});

const seqs = () => timeline.entries.value.map((entry) => (entry.kind === 'pending' ? entry.id : entry.seq));
const texts = () => timeline.entries.value.map((entry) => (entry.kind === 'message' ? entry.message.text : entry.kind));
const at = (seq: number) => timeline.find(seq)!;

async function opened(page = aPage(51, 100)): Promise<void> {
  void timeline.open();
  await asked.at(-1)!.gives(page);
  received = page.head;
}

/** The next live event; draws at once. */
async function live(event: RoomEvent): Promise<void> {
  received = event.seq;
  timeline.apply(event);
  await clock.pass(300);
}

const reaction = (seq: number, on: boolean, user = ada, emoji = '👍'): RoomEvent => ({
  type: on ? 'reaction.added' : 'reaction.removed', room: 7, epoch: 'e1', seq, message_seq: 100, emoji, user,
});
const edit = (seq: number, text: string): RoomEvent => ({
  type: 'message.edited', room: 7, epoch: 'e1', seq, message: aMessage(100, { text }),
});
const removal = (seq: number, target: number): RoomEvent => ({
  type: 'message.deleted', room: 7, epoch: 'e1', seq, message: { seq: target, deleted_at: '2026-11-19T10:00:00.000Z' },
});

describe('loading', () => {
  it('shows the newest page and what lies before it', async () => {
    await opened();
    expect(timeline.status.value).toBe('ready');
    expect([seqs()[0], seqs().at(-1), timeline.older.value, timeline.newer.value]).toEqual([51, 100, 'more', 'end']);
  });

  it('holds live events while the page is under way and drops those that it has', async () => {
    void timeline.open();
    timeline.apply(created(40));
    timeline.apply(created(100));
    timeline.apply(created(101));
    timeline.apply(removal(102, 99));
    await asked[0]!.gives(aPage(51, 100));
    expect(seqs().slice(-2)).toEqual([100, 101]);
    expect(seqs()).not.toContain(99);
    // It lies before the page: here it would stand beside a gap.
    expect(seqs()[0]).toBe(51);
  });

  it('asks again for a page that is behind what came live', async () => {
    received = 101;
    void timeline.open();
    await asked[0]!.gives(aPage(51, 100));
    expect(timeline.status.value).toBe('loading');
    await clock.pass(300);
    await asked[1]!.gives(aPage(52, 101));
    expect(seqs().at(-1)).toBe(101);
  });

  it('says what failed and tries the same again', async () => {
    void timeline.open(40);
    await asked[0]!.fails();
    expect([timeline.status.value, timeline.failure.value]).toEqual(['error', { kind: 'network' }]);
    void timeline.retry();
    expect(asked[1]!.query).toEqual({ around: 40 });
  });

  it('keeps what is shown and true when a jump fails', async () => {
    await opened();
    void timeline.toMessage(10);
    timeline.apply(created(101));
    await asked[1]!.fails();
    expect(timeline.status.value).toBe('ready');
    expect(seqs().at(-1)).toBe(101);
  });

  it('opening again asks for nothing while the room is followed', async () => {
    await opened();
    await timeline.open();
    expect(asked).toHaveLength(1);
  });

  it('opening a room that is not followed again fetches it anew', async () => {
    await opened();
    received = undefined;
    void timeline.open();
    expect(asked).toHaveLength(2);
    expect(timeline.status.value).toBe('ready');
  });
});

describe('older and newer', () => {
  it('older pages go before', async () => {
    await opened();
    void timeline.loadOlder();
    expect(asked[1]!.query).toEqual({ before: 51 });
    expect(timeline.older.value).toBe('loading');
    await asked[1]!.gives(aPage(1, 50, 100));
    expect([seqs()[0], seqs().length, timeline.older.value]).toEqual([1, 100, 'end']);
  });

  it('a failure is told at that edge and can be tried again', async () => {
    await opened();
    void timeline.loadOlder();
    await asked[1]!.fails();
    expect([timeline.older.value, timeline.status.value, seqs().length]).toEqual(['error', 'ready', 50]);
    void timeline.loadOlder();
    expect(asked).toHaveLength(3);
  });

  it('asks once however often it is called', async () => {
    await opened();
    for (let i = 0; i < 5; i++) void timeline.loadOlder();
    expect(asked).toHaveLength(2);
  });

  it('an event that a later page already knows is not counted twice', async () => {
    void timeline.toMessage(10);
    await asked[0]!.gives({ ...aPage(1, 50, 100), more_before: false, more_after: true });
    void timeline.loadNewer();
    // The page was read after the reaction (101), whose event comes while it is under way.
    timeline.apply(reaction(101, true));
    const page = aPage(51, 100, 101, false);
    page.messages.at(-1)!.reactions = [{ emoji: '👍', count: 1, users: [ada], mine: false }];
    await asked[1]!.gives(page);
    expect(at(100).reactions).toEqual([{ emoji: '👍', count: 1, users: [ada], mine: false }]);
    await live(reaction(102, true, bruno));
    expect(at(100).reactions![0]!.count).toBe(2);
  });

  it('does not append live messages after a gap, and has them when the end is reached', async () => {
    await opened();
    void timeline.toMessage(10);
    await asked[1]!.gives({ ...aPage(1, 35, 100), more_before: false, more_after: true });
    await live(created(101));
    expect([seqs().at(-1), timeline.newer.value]).toEqual([35, 'more']);
    void timeline.loadNewer();
    timeline.apply(created(102));
    await asked[2]!.gives(aPage(36, 101, 101, false));
    expect([seqs().at(-1), timeline.newer.value]).toEqual([102, 'end']);
    expect(new Set(seqs()).size).toBe(102);
  });

  it('starts anew when a page is of another history', async () => {
    await opened();
    void timeline.loadOlder();
    await asked[1]!.gives({ ...aPage(1, 50), epoch: 'e2' });
    expect(asked[2]!.query).toEqual({});
  });
});

describe('events', () => {
  beforeEach(() => opened());

  it('are shown together at most every 50 ms', async () => {
    await clock.pass(1000);
    timeline.apply(created(101));
    expect(seqs().at(-1)).toBe(101);
    timeline.apply(created(102));
    timeline.apply(created(103));
    expect(seqs().at(-1)).toBe(101);
    await clock.pass(50);
    expect(seqs().at(-1)).toBe(103);
  });

  it('are shown every 250 ms in a hidden tab', async () => {
    visible = false;
    timeline.apply(created(101));
    await clock.pass(249);
    expect(seqs().at(-1)).toBe(100);
    await clock.pass(1);
    expect(seqs().at(-1)).toBe(101);
  });

  it('replace the message they change and no other', async () => {
    const before = timeline.entries.value;
    await live(edit(101, 'better'));
    const after = timeline.entries.value;
    expect(texts().at(-1)).toBe('better');
    expect(after.at(-1)).not.toBe(before.at(-1));
    expect(after.slice(0, -1).every((entry, i) => entry === before[i])).toBe(true);
    expect(Object.isFrozen(after.at(-1)) && Object.isFrozen(at(100))).toBe(true);
  });

  it('of the page itself change nothing again', async () => {
    await live(edit(100, 'stale'));
    expect(at(100).text).toBe('message 100');
  });

  it('count reactions, and never mine twice', async () => {
    timeline.change(100, (message) => ({ ...message, reactions: [{ emoji: '👍', count: 1, users: [danaRef], mine: true }] }), false);
    await live(reaction(101, true, danaRef));
    await live(reaction(102, true, ada));
    expect(at(100).reactions).toEqual([{ emoji: '👍', count: 2, users: [danaRef, ada], mine: true }]);
    await live(reaction(103, false, danaRef));
    await live(reaction(104, false, ada));
    expect(at(100).reactions).toEqual([]);
  });

  it('of an edit keep which reactions are mine', async () => {
    await live(reaction(101, true, danaRef));
    const message = aMessage(100, { text: 'x', reactions: [{ emoji: '👍', count: 1, users: [danaRef] }] });
    await live({ type: 'message.edited', room: 7, epoch: 'e1', seq: 102, message });
    expect(at(100).reactions?.[0]?.mine).toBe(true);
  });

  it('of a deletion take the row away, unless something answers it', async () => {
    await live(created(101, { reply_to: 99 }));
    await live(removal(102, 98));
    await live(removal(103, 99));
    expect(seqs()).not.toContain(98);
    expect(seqs()).toContain(99);
    expect(at(99)).toMatchObject({ text: '', deleted_at: '2026-11-19T10:00:00.000Z' });
  });

  it('of membership become lines', async () => {
    await live({ type: 'member.joined', room: 7, epoch: 'e1', seq: 101, user: bruno, by: bruno, at: '2026-11-19T10:00:00.000Z' });
    await live({
      type: 'room.changed', room: 7, epoch: 'e1', seq: 102, changes: { topic: 'news' }, by: ada, at: '2026-11-19T10:00:00.000Z',
    });
    const lines = timeline.entries.value.slice(-2);
    expect(lines).toMatchObject([
      { kind: 'system', event: { type: 'joined', user: bruno } },
      { kind: 'system', event: { type: 'topic', topic: 'news' } },
    ]);
  });

  it('never let memory grow beyond 10,000 entries', () => {
    for (let seq = 101; seq <= 10_200; seq++) timeline.apply(created(seq));
    expect(timeline.size).toBe(10_000);
    expect(timeline.older.value).toBe('more');
  });
});

describe('my own message', () => {
  const item: OutboxItem = {
    key: 'mine', room: 7, text: 'hello', replyTo: null, at: 0, phase: 'sending', problem: null,
  };
  beforeEach(() => opened());

  it('stands last while pending, and its row keeps its id when confirmed', async () => {
    pending.value = [item];
    expect(seqs().at(-1)).toBe('mine');
    timeline.apply(created(101));
    timeline.apply(created(102, { key: 'mine', user: danaRef, text: 'hello' }));
    expect(seen).toEqual(['mine']);
    pending.value = [];
    expect(timeline.entries.value.at(-1)).toMatchObject({ kind: 'message', id: 'mine', seq: 102 });
  });

  it('is confirmed in the same moment, without waiting for the next drawing', () => {
    timeline.apply(created(101));
    timeline.apply(created(102, { key: 'mine', user: danaRef }));
    expect(seqs().slice(-2)).toEqual([101, 102]);
  });

  it('is confirmed by a page too', async () => {
    timeline.forget();
    void timeline.open();
    const page = aPage(51, 101);
    page.messages.push(aMessage(102, { key: 'mine', user: danaRef }));
    await asked.at(-1)!.gives(page);
    expect(seen).toContain('mine');
  });

  it('of another room is not shown here', () => {
    pending.value = [{ ...item, room: 8 }];
    expect(seqs().at(-1)).toBe(100);
  });

  it("another person's message with the same key confirms nothing", () => {
    timeline.apply(created(101, { key: 'mine', user: ada }));
    expect(seen).toEqual([]);
  });
});

describe('reload', () => {
  beforeEach(() => opened());

  it('replaces everything by the newest page and goes on from its head', async () => {
    void timeline.reload();
    timeline.apply(created(900));
    timeline.apply(created(901));
    expect(seqs().at(-1)).toBe(100);
    await asked[1]!.gives(aPage(851, 900));
    expect([seqs()[0], seqs().at(-1), seqs().length]).toEqual([851, 901, 51]);
  });

  it('keeps the place of somebody who reads further up', async () => {
    reading = 60;
    void timeline.reload();
    expect(asked[1]!.query).toEqual({ around: 60 });
  });

  it('does not go on showing what is no longer true when it fails', async () => {
    void timeline.reload();
    await asked[1]!.fails();
    expect([timeline.status.value, seqs()]).toEqual(['error', []]);
  });

  it('the last one counts', async () => {
    void timeline.reload();
    void timeline.reload();
    await asked[2]!.gives(aPage(851, 900));
    await asked[1]!.gives(aPage(801, 850));
    expect(seqs().at(-1)).toBe(900);
  });
});

describe('quotes', () => {
  beforeEach(() => opened());

  it('come from memory and follow edits', async () => {
    const quote = timeline.quoted(100);
    expect(quote.value?.text).toBe('message 100');
    await live(edit(101, 'better'));
    expect(quote.value?.text).toBe('better');
    expect(asked).toHaveLength(1);
  });

  it('are fetched once, and null where there is none', async () => {
    const quote = timeline.quoted(3);
    timeline.quoted(3);
    expect(quote.value).toBeUndefined();
    expect(asked.slice(1).map((one) => one.query)).toEqual([{ around: 3, limit: 1 }]);
    await asked[1]!.gives(aPage(4, 4, 100));
    expect(quote.value).toBeNull();
  });
});
