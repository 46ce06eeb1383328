import { beforeEach, describe, expect, it } from 'vitest';
import { Outbox } from '../src/state/outbox.ts';
import { ApiProblem, NetworkProblem } from '../src/wire/api.ts';
import type { OutboxItem } from '../src/state/contract.ts';
import { fakeEnv, settled, type FakeEnv } from './fakes.ts';

/** One delivery that the test lets succeed or fail. */
interface Delivery {
  item: OutboxItem;
  done(seq: number): Promise<void>;
  fails(err: unknown): Promise<void>;
}

let env: FakeEnv;
let deliveries: Delivery[];

beforeEach(() => {
  env = fakeEnv();
  deliveries = [];
});

function outboxOf(user: number): Outbox {
  const outbox = new Outbox({
    ...env,
    deliver: (item) =>
      new Promise((resolve, reject) => {
        deliveries.push({
          item,
          done: (seq) => (resolve(seq), settled()),
          fails: (err) => (reject(err), settled()),
        });
      }),
    delivered: () => {},
  });
  outbox.begin(user);
  return outbox;
}

const texts = () => deliveries.map((one) => one.item.text);
const phases = (outbox: Outbox) => outbox.items.value.map((item) => `${item.text} ${item.phase}`);
const refusal = (status: number, code: string) =>
  new ApiProblem({ type: '', title: '', status, code, detail: 'Join the room first.' });

describe('order', () => {
  it('has one unanswered send a room, in the order of writing', async () => {
    const outbox = outboxOf(1);
    outbox.connected(true);
    for (const text of ['one', 'two', 'three']) outbox.send(7, text);
    expect(texts()).toEqual(['one']);
    await deliveries[0]!.done(5);
    expect(texts()).toEqual(['one', 'two']);
    await deliveries[1]!.done(6);
    expect(texts()).toEqual(['one', 'two', 'three']);
  });

  it('does not let one room wait for another', () => {
    const outbox = outboxOf(1);
    outbox.connected(true);
    outbox.send(7, 'here');
    outbox.send(8, 'there');
    expect(texts()).toEqual(['here', 'there']);
  });

  it('retries the same message before the next one, under the same key', async () => {
    const outbox = outboxOf(1);
    outbox.connected(true);
    outbox.send(7, 'one');
    outbox.send(7, 'two');
    await deliveries[0]!.fails(refusal(503, 'unavailable'));
    expect(texts()).toEqual(['one']);
    await env.clock.pass(500);
    expect(texts()).toEqual(['one', 'one']);
    expect(deliveries[1]!.item.key).toBe(deliveries[0]!.item.key);
    await deliveries[1]!.fails(refusal(429, 'too_many'));
    await env.clock.pass(999);
    expect(deliveries).toHaveLength(2);
    await env.clock.pass(1);
    await deliveries[2]!.done(5);
    expect(texts()).toEqual(['one', 'one', 'one', 'two']);
  });

  it('waits for a connection, and sends at once when it is there', async () => {
    const outbox = outboxOf(1);
    outbox.send(7, 'one');
    outbox.send(7, 'two');
    await env.clock.pass(60_000);
    expect(deliveries).toHaveLength(0);
    outbox.connected(true);
    expect(texts()).toEqual(['one']);
  });

  it('sends the unanswered one again, and first, after a lost connection', async () => {
    const outbox = outboxOf(1);
    outbox.connected(true);
    outbox.send(7, 'one');
    outbox.send(7, 'two');
    outbox.connected(false);
    await deliveries[0]!.fails(new NetworkProblem('send'));
    expect(phases(outbox)).toEqual(['one waiting', 'two waiting']);
    outbox.connected(true);
    expect(texts()).toEqual(['one', 'one']);
  });

  it('keeps the order even if the old connection answers late', async () => {
    const outbox = outboxOf(1);
    outbox.connected(true);
    outbox.send(7, 'one');
    outbox.send(7, 'two');
    outbox.connected(false);
    outbox.connected(true);
    expect(texts()).toEqual(['one', 'one']);
    await deliveries[0]!.fails(new NetworkProblem('send'));
    expect(phases(outbox)).toEqual(['one sending', 'two waiting']);
    await deliveries[1]!.done(5);
    expect(texts()).toEqual(['one', 'one', 'two']);
  });
});

describe('refusal', () => {
  it('fails with the problem and lets the next one go', async () => {
    const outbox = outboxOf(1);
    outbox.connected(true);
    outbox.send(7, 'one');
    outbox.send(7, 'two');
    await deliveries[0]!.fails(refusal(403, 'not_member'));
    expect(phases(outbox)).toEqual(['one failed', 'two sending']);
    expect(outbox.items.value[0]!.problem?.detail).toBe('Join the room first.');
  });

  it('is tried again under the same key, or deleted, by the person', async () => {
    const outbox = outboxOf(1);
    outbox.connected(true);
    const { key } = outbox.send(7, 'one')!;
    await deliveries[0]!.fails(refusal(403, 'not_member'));
    outbox.retry(key);
    expect(deliveries[1]!.item).toMatchObject({ key, problem: null });
    await deliveries[1]!.fails(refusal(403, 'not_member'));
    outbox.discard(key);
    expect(outbox.items.value).toEqual([]);
    expect(env.store.kept.size).toBe(0);
  });
});

describe('reload', () => {
  it('keeps what is unsent, in order and with its keys', async () => {
    const before = outboxOf(1);
    const keys = ['one', 'two', 'three'].map((text) => before.send(7, text)!.key);
    const after = outboxOf(1);
    expect(after.items.value.map((item) => item.key)).toEqual(keys);
    after.connected(true);
    expect(texts()).toEqual(['one']);
  });

  it('sends what was under way again under its key', async () => {
    const before = outboxOf(1);
    before.connected(true);
    const { key } = before.send(7, 'one')!;
    const after = outboxOf(1);
    after.connected(true);
    expect(deliveries.map((one) => one.item.key)).toEqual([key, key]);
  });

  it('keeps a refused one as refused', async () => {
    const before = outboxOf(1);
    before.connected(true);
    before.send(7, 'one');
    await deliveries[0]!.fails(refusal(403, 'not_member'));
    const after = outboxOf(1);
    after.connected(true);
    expect(phases(after)).toEqual(['one failed']);
    expect(deliveries).toHaveLength(1);
  });

  it('forgets what was committed', async () => {
    const before = outboxOf(1);
    before.connected(true);
    before.send(7, 'one');
    await deliveries[0]!.done(5);
    expect(phases(before)).toEqual(['one sent']);
    expect(outboxOf(1).items.value).toEqual([]);
  });

  it("never sends another person's", () => {
    outboxOf(1).send(7, 'mine');
    const other = outboxOf(2);
    other.connected(true);
    expect(other.items.value).toEqual([]);
    expect(deliveries).toHaveLength(0);
    expect(outboxOf(1).items.value).toHaveLength(1);
  });

  it('survives a damaged entry', () => {
    outboxOf(1).send(7, 'one');
    env.store.write('outbox:1:broken', '{');
    expect(phases(outboxOf(1))).toEqual(['one waiting']);
  });
});

describe('the end of a pending message', () => {
  it("is the server's copy", () => {
    const outbox = outboxOf(1);
    const { key } = outbox.send(7, 'one')!;
    outbox.seen(key);
    expect(outbox.items.value).toEqual([]);
    expect(env.store.kept.size).toBe(0);
  });

  it('or a confirmation of something that is known already', async () => {
    const outbox = outboxOf(1);
    outbox.connected(true);
    outbox.send(7, 'one');
    await deliveries[0]!.done(5);
    outbox.settle(7, 4);
    expect(outbox.items.value).toHaveLength(1);
    outbox.settle(7, 5);
    expect(outbox.items.value).toHaveLength(0);
  });

  it('or that another tab has sent it', () => {
    const outbox = outboxOf(1);
    const { key } = outbox.send(7, 'one')!;
    env.store.elsewhere(`outbox:1:${key}`, null);
    expect(outbox.items.value).toEqual([]);
  });
});

it('takes no more than 200', () => {
  const outbox = outboxOf(1);
  for (let i = 0; i < 200; i++) expect(outbox.send(7, `message ${i}`)).not.toBeNull();
  expect(outbox.send(7, 'too much')).toBeNull();
});
