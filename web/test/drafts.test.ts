// Drafts, from the key to the next start of the client.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createParley } from '../src/state/parley.ts';
import type { Parley } from '../src/state/contract.ts';
import { aRoom, dana, fakeEnv, here, type FakeEnv } from './fakes.ts';

let env: FakeEnv;
let parley: Parley;

beforeEach(async () => {
  env = fakeEnv();
  const rooms = [aRoom(), aRoom({ id: 8, slug: 'design', name: 'design' })];
  env.server.on('GET /rooms', () => ({ rooms })).on('GET /server', () => here());
  parley = createParley(env);
  await parley.start();
});

afterEach(() => parley.stop());

describe('drafts', () => {
  it('are saved 300 ms after the last key, or when the page is hidden', async () => {
    parley.drafts.write(7, { text: 'half', replyTo: null });
    expect(parley.drafts.rooms.value).toEqual(new Set([7]));
    await env.clock.pass(299);
    expect(env.store.names('draft:')).toEqual([]);
    await env.clock.pass(1);
    expect(env.store.names('draft:')).toEqual(['draft:1:7']);
    parley.drafts.write(8, { text: 'more', replyTo: 3 });
    env.page.becomes({ visible: false });
    expect(env.store.names('draft:')).toHaveLength(2);
  });

  it('belong to a person, and survive a reload', async () => {
    parley.drafts.write(7, { text: 'half', replyTo: 5 });
    await env.clock.pass(300);
    const after = createParley(env);
    await after.start();
    expect(after.drafts.read(7)).toEqual({ text: 'half', replyTo: 5 });
    env.server.on('GET /server', () => here({ user: { ...dana, id: 2 } }));
    const other = createParley(env);
    await other.start();
    expect(other.drafts.read(7).text).toBe('');
    expect(other.drafts.rooms.value.size).toBe(0);
  });

  it('that become empty are gone', async () => {
    parley.drafts.write(7, { text: 'half', replyTo: null });
    await env.clock.pass(300);
    parley.drafts.write(7, { text: ' ', replyTo: null });
    await env.clock.pass(300);
    expect(env.store.names('draft:')).toEqual([]);
    expect(parley.drafts.rooms.value.size).toBe(0);
  });
});
