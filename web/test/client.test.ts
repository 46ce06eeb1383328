// The whole client against a scripted server.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createParley } from '../src/state/parley.ts';
import type { Parley } from '../src/state/contract.ts';
import { ada, aMessage, aPage, aRoom, created, dana, danaRef, fakeEnv, here, nobody, Refusal, settled, type FakeEnv } from './fakes.ts';

let env: FakeEnv;
let parley: Parley;
let rooms = [aRoom()];

beforeEach(() => {
  env = fakeEnv();
  rooms = [aRoom(), aRoom({ id: 8, slug: 'design', name: 'design', last_seq: 20, read_seq: 20 })];
  env.server
    .on('GET /rooms', () => ({ rooms }))
    .on('GET /server', () => here())
    .on('GET /rooms/7/messages', () => aPage(51, 100));
  parley = createParley(env);
});

afterEach(() => parley.stop());

/** Starts, and answers the resume as the server would. */
async function connected(): Promise<void> {
  await parley.start();
  await greeted();
}

async function greeted(heads: Record<string, object> = {}): Promise<void> {
  env.socket().hello();
  await settled();
  const resume = env.socket().last('resume');
  const named = Object.entries(resume.rooms as Record<string, { epoch: string; seq: number }>);
  env.socket().answers(resume.id, { rooms: { ...Object.fromEntries(named), ...heads } });
  await settled();
}

const room = (id = 7) => parley.rooms.all.value.find((one) => one.id === id)!;
const texts = () => parley.timeline(7).entries.value.map((entry) => ('message' in entry ? entry.message.text : entry.kind));
const requests = (route: string) => env.server.requests.filter((one) => one.startsWith(route)).length;

describe('starting', () => {
  it('finds out who is here, and resumes from where the list of rooms is', async () => {
    await connected();
    expect(parley.session.phase.value).toBe('signed-in');
    expect(env.socket().last('resume').rooms).toEqual({ 7: { epoch: 'e1', seq: 100 }, 8: { epoch: 'e1', seq: 20 } });
    expect(parley.connection.connected.value).toBe(true);
    expect(requests('GET /rooms')).toBe(1);
  });

  it('shows sign-in or set-up where nobody is signed in', async () => {
    env.server.on('GET /server', () => nobody());
    await parley.start();
    expect(parley.session.phase.value).toBe('signed-out');
    expect(env.server.requests).toEqual(['GET /server']);
    env.server.on('GET /server', () => nobody({ setup_needed: true }));
    const fresh = createParley(env);
    await fresh.start();
    expect(fresh.session.phase.value).toBe('setup');
  });

  it('asks for the rooms at once where somebody was signed in before', async () => {
    await parley.start();
    const after = createParley(env);
    env.server.requests.length = 0;
    const started = after.start();
    expect(env.server.requests).toEqual(['GET /rooms', 'GET /server']);
    await started;
    after.stop();
  });

  it('keeps trying while the server is away', async () => {
    env.server.on('GET /server', () => new Refusal({ status: 503, code: 'unavailable' }));
    await parley.start();
    expect(parley.session.phase.value).toBe('unreachable');
    env.server.on('GET /server', () => here());
    await env.clock.pass(500);
    expect(parley.session.phase.value).toBe('signed-in');
  });
});

describe('sending', () => {
  beforeEach(async () => {
    await connected();
    parley.place.open(7);
    await settled();
  });

  it('is shown at once and confirmed by the event, before or after the answer', async () => {
    parley.outbox.send(7, 'hello');
    expect(texts().at(-1)).toBe('pending');
    const send = env.socket().last('send');
    expect(send).toMatchObject({ room: 7, key: 'key-1', text: 'hello' });
    env.socket().says(created(101, { key: 'key-1', user: danaRef, text: 'hello' }) as never);
    expect(texts().slice(-2)).toEqual(['message 100', 'hello']);
    env.socket().answers(send.id, { seq: 101, created_at: 't' });
    await settled();
    expect(parley.outbox.items.value).toEqual([]);

    parley.outbox.send(7, 'again');
    env.socket().answers(env.socket().last('send').id, { seq: 102, created_at: 't' });
    await settled();
    expect(texts().at(-1)).toBe('pending');
    env.socket().says(created(102, { key: 'key-2', user: danaRef, text: 'again' }) as never);
    expect(texts().slice(-2)).toEqual(['hello', 'again']);
    expect(parley.outbox.items.value).toEqual([]);
  });

  it('survives a lost answer: sent again under its key, shown once', async () => {
    parley.outbox.send(7, 'hello');
    env.socket().drops(1006);
    await env.clock.pass(500);
    await greeted();
    const again = env.socket().last('send');
    expect(again.key).toBe('key-1');
    // The replay tells it first, then the same key gives the same seq.
    env.socket().says(created(101, { key: 'key-1', user: danaRef, text: 'hello' }) as never);
    env.socket().answers(again.id, { seq: 101, created_at: 't' });
    await env.clock.pass(100);
    expect(texts().filter((text) => text === 'hello' || text === 'pending')).toEqual(['hello']);
  });

  it('leaves nothing pending when the event passed long ago', async () => {
    parley.outbox.send(7, 'hello');
    env.socket().answers(env.socket().last('send').id, { seq: 40, created_at: 't' });
    await settled();
    expect(parley.outbox.items.value).toEqual([]);
  });

  it('goes on after a reload of the page', async () => {
    parley.outbox.send(7, 'hello');
    const after = createParley(env);
    await after.start();
    await greeted();
    expect(env.socket().last('send')).toMatchObject({ key: 'key-1', text: 'hello' });
    after.stop();
  });
});

describe('holes and reloads', () => {
  it('a hole gives the socket up, and resuming from the cursor fills it', async () => {
    await connected();
    parley.place.open(7);
    await settled();
    env.socket().says(created(102) as never);
    expect(parley.connection.connected.value).toBe(false);
    await env.clock.pass(500);
    await greeted();
    expect(env.socket().last('resume').rooms).toMatchObject({ 7: { seq: 100 } });
    for (const seq of [101, 102]) env.socket().says(created(seq) as never);
    await env.clock.pass(100);
    expect(texts().slice(-3)).toEqual(['message 100', 'message 101', 'message 102']);
  });

  it('a reload fetches the page and the counts again', async () => {
    await connected();
    parley.place.open(7);
    await settled();
    env.server.on('GET /rooms/7/messages', () => ({ ...aPage(851, 900), epoch: 'e2' }));
    rooms = [aRoom({ epoch: 'e2', last_seq: 900, read_seq: 100, unread: 800 })];
    env.socket().says({ type: 'reload', room: 7, epoch: 'e2', seq: 900 });
    await env.clock.pass(250);
    expect([texts()[0], texts().at(-1), room().unread]).toEqual(['message 851', 'message 900', 800]);
  });

  it('a room that I was taken out of is not mine any more', async () => {
    await connected();
    rooms = [aRoom({ id: 8, slug: 'design' }), aRoom({ joined: false })];
    env.socket().says({ type: 'room.removed', room: 7 });
    expect(parley.rooms.mine.value.map((one) => one.id)).toEqual([8]);
    await env.clock.pass(250);
    expect(room().joined).toBe(false);
  });
});

describe('unread', () => {
  beforeEach(connected);

  it('counts what others say, and mentions of me', () => {
    env.socket().says(created(101) as never);
    env.socket().says(created(102, { user: danaRef }) as never);
    env.socket().says(created(103, { rich: [{ t: 'p', c: [{ t: 'mention', text: '@Dana' }] }] }) as never);
    expect([room().unread, room().mentions, parley.rooms.mentions.value]).toEqual([2, 1, 1]);
  });

  it('does not count twice what the list has counted', async () => {
    let answer = () => {};
    env.server.on('GET /rooms', () => new Promise((resolve) => {
      answer = () => resolve({ rooms: [aRoom({ last_seq: 101, unread: 1 })] });
    }));
    env.socket().says(created(101) as never);
    const loading = parley.rooms.load();
    env.socket().says(created(102) as never);
    answer();
    await loading;
    expect(room().unread).toBe(2);
    env.socket().says(created(103) as never);
    expect(room().unread).toBe(3);
  });

  it('does not count an event that comes after a list that has counted it', async () => {
    rooms = [aRoom({ last_seq: 102, unread: 2 })];
    await parley.rooms.load();
    for (const seq of [101, 102, 103]) env.socket().says(created(seq) as never);
    expect(room().unread).toBe(3);
  });

  it('falls when a counted message is deleted, by memory or by asking', async () => {
    env.socket().says(created(101) as never);
    rooms = [aRoom({ last_seq: 102, unread: 0 })];
    env.socket().says({ type: 'message.deleted', room: 7, epoch: 'e1', seq: 102, message: { seq: 101, deleted_at: 't' } });
    await env.clock.pass(250);
    expect(room().unread).toBe(0);
  });

  it('is read on another device', () => {
    env.socket().says(created(101) as never);
    env.socket().says({ type: 'read', room: 7, seq: 101 });
    expect([room().unread, room().read_seq]).toEqual([0, 101]);
  });

  it('is read after 1 s at the end in a focused window, and the server is told', async () => {
    env.socket().says(created(101) as never);
    parley.place.open(7);
    parley.place.endVisible(true);
    await env.clock.pass(999);
    expect(room().unread).toBe(1);
    await env.clock.pass(1);
    expect(room().unread).toBe(0);
    expect(env.socket().last('read')).toMatchObject({ room: 7, seq: 101 });
  });

  it('is not read in a window without focus, and is when it comes back', async () => {
    env.page.becomes({ focused: false });
    parley.place.open(7);
    parley.place.endVisible(true);
    env.socket().says(created(101) as never);
    await env.clock.pass(5000);
    expect(room().unread).toBe(1);
    env.page.becomes({ focused: true });
    await env.clock.pass(1000);
    expect(room().unread).toBe(0);
  });

  it('of arrivals at the end is read along at once, told at most once a second', async () => {
    parley.place.open(7);
    parley.place.endVisible(true);
    await env.clock.pass(1000);
    for (let seq = 101; seq <= 110; seq++) env.socket().says(created(seq) as never);
    expect(room().unread).toBe(0);
    await env.clock.pass(1000);
    expect(env.socket().asked('read').map((one) => one.seq)).toEqual([101, 110]);
  });

  it('is told after the next connection if it could not be', async () => {
    env.socket().says(created(101) as never);
    parley.place.open(7);
    await settled();
    env.socket().drops();
    parley.place.markRead();
    expect(room().unread).toBe(0);
    await env.clock.pass(500);
    await greeted();
    expect(env.socket().last('read')).toMatchObject({ room: 7, seq: 101 });
  });
});

describe('the open room', () => {
  beforeEach(connected);

  it('has its New line where I had read to, until it is left', async () => {
    env.socket().says(created(101) as never);
    parley.place.open(7);
    expect([parley.place.newAfter.value, parley.place.newCount.value]).toEqual([100, 1]);
    parley.place.endVisible(true);
    await env.clock.pass(2000);
    expect(parley.place.newAfter.value).toBe(100);
    parley.place.close();
    parley.place.open(7);
    expect(parley.place.newAfter.value).toBeNull();
  });

  it('is watched, also after coming back', async () => {
    parley.place.open(7);
    expect(env.socket().last('watch').room).toBe(7);
    env.socket().drops();
    await env.clock.pass(500);
    await greeted();
    expect(env.socket().last('watch').room).toBe(7);
    parley.place.close();
    expect(env.socket().last('unwatch').room).toBe(7);
  });

  it('shows who types for 5 s, or until they have said it', async () => {
    env.socket().says({ type: 'typing', room: 7, user: ada });
    expect(parley.company.typing(7).value).toEqual([ada]);
    await env.clock.pass(5000);
    expect(parley.company.typing(7).value).toEqual([]);
    env.socket().says({ type: 'typing', room: 7, user: ada });
    env.socket().says(created(101) as never);
    expect(parley.company.typing(7).value).toEqual([]);
  });

  it('tells of my typing at most every 3 s', async () => {
    for (let i = 0; i < 7; i++) {
      parley.company.keyPressed(7);
      await env.clock.pass(1000);
    }
    expect(env.socket().asked('typing')).toHaveLength(3);
  });

  it('joined a moment ago goes on live, without a gap after the preview', async () => {
    rooms = [aRoom({ id: 9, slug: 'new', joined: false, last_seq: 100 })];
    await parley.rooms.load();
    env.server.on('GET /rooms/9/messages', () => aPage(51, 100));
    env.server.on('PUT /rooms/9/members/me', () => aRoom({ id: 9, slug: 'new', last_seq: 103 }));
    parley.place.open(9);
    await settled();
    env.server.on('GET /rooms/9/messages', () => aPage(53, 102, 103));
    await parley.rooms.join(9);
    const me = { user: danaRef, by: danaRef, at: '2026-11-19T10:00:00.000Z' };
    env.socket().says({ type: 'member.joined', room: 9, epoch: 'e1', seq: 103, ...me });
    env.socket().says({ ...created(104), room: 9 } as never);
    await env.clock.pass(300);
    const entries = parley.timeline(9).entries.value;
    expect(entries.map((entry) => ('seq' in entry ? entry.seq : 0)).slice(-3)).toEqual([101, 102, 104]);
    expect(parley.connection.connected.value).toBe(true);
  });
});

describe('changing a message', () => {
  beforeEach(async () => {
    await connected();
    parley.place.open(7);
    await settled();
  });
  const message = (seq: number) => parley.timeline(7).entries.value.find((one) => one.kind === 'message' && one.seq === seq);

  it('an edit is shown at once and taken back if refused', async () => {
    env.server.on('PATCH /rooms/7/messages/100', () => new Refusal({ status: 403, code: 'not_yours' }));
    const editing = parley.messages.edit(7, 100, 'better');
    expect(message(100)).toMatchObject({ message: { text: 'better' }, unconfirmed: true });
    await expect(editing).rejects.toMatchObject({ problem: { code: 'not_yours' } });
    expect(message(100)).toMatchObject({ message: { text: 'message 100' }, unconfirmed: false });
    expect(parley.messages.failure.value).toMatchObject({ kind: 'problem' });
  });

  it('a reaction counts once, by click and event', async () => {
    env.server.on(`PUT /rooms/7/messages/100/reactions/${encodeURIComponent('👍')}`, () => undefined);
    await parley.messages.react(7, 100, '👍', true);
    env.socket().says({ type: 'reaction.added', room: 7, epoch: 'e1', seq: 101, message_seq: 100, emoji: '👍', user: danaRef });
    await env.clock.pass(100);
    expect(message(100)).toMatchObject({ message: { reactions: [{ emoji: '👍', count: 1, mine: true }] } });
  });

  it('a deletion can be undone for 5 s', async () => {
    env.server.on('DELETE /rooms/7/messages/100', () => undefined);
    const first = parley.messages.remove(7, 100);
    expect(message(100)).toBeUndefined();
    first.undo();
    expect(message(100)).toBeDefined();
    parley.messages.remove(7, 100);
    await env.clock.pass(5000);
    expect(requests('DELETE')).toBe(1);
    expect(message(100)).toBeUndefined();
  });

  it('a deletion is done at once when the page is hidden', () => {
    parley.messages.remove(7, 100);
    env.page.becomes({ visible: false });
    expect(requests('DELETE')).toBe(1);
  });
});

describe('connection banner', () => {
  beforeEach(connected);

  it('says nothing of the first 3 s', async () => {
    env.socket().drops();
    await env.clock.pass(2999);
    expect(parley.connection.banner.value).toBe('none');
    await env.clock.pass(1);
    expect(parley.connection.banner.value).toBe('reconnecting');
    parley.connection.retry();
    await greeted();
    expect(parley.connection.banner.value).toBe('none');
  });

  it('tells being offline, but not while the socket works', () => {
    env.page.becomes({ online: false });
    expect(parley.connection.banner.value).toBe('none');
    env.socket().drops();
    expect(parley.connection.banner.value).toBe('offline');
  });

  it('offers to reload when the server is of another version', async () => {
    await env.clock.pass(0);
    env.server.on('GET /server', () => here({ version: '2' }));
    env.socket().drops(1012);
    await env.clock.pass(3000);
    await greeted();
    await env.clock.pass(10_000);
    expect(parley.connection.banner.value).toBe('updated');
    expect(env.page.reloads).toEqual([]);
    env.page.becomes({ visible: false });
    expect(env.page.reloads).toHaveLength(1);
  });
});

describe('the end of a session', () => {
  beforeEach(connected);

  it('elsewhere keeps drafts and waiting messages, and signing in goes on', async () => {
    parley.drafts.write(7, { text: 'half a', replyTo: null });
    env.socket().drops(4001);
    expect(parley.session.phase.value).toBe('ended');
    parley.outbox.send(7, 'written meanwhile');
    env.server.on('POST /login', () => ({ user: dana }));
    await parley.session.logIn({ username: 'dana', password: 'x' });
    await greeted();
    expect(env.socket().last('send').text).toBe('written meanwhile');
    expect(parley.drafts.read(7).text).toBe('half a');
  });

  it('is noticed when the server refuses the socket', async () => {
    env.socket().drops();
    env.server.on('GET /server', () => nobody());
    await env.clock.pass(500);
    env.socket().drops(1006);
    await settled();
    expect(parley.session.phase.value).toBe('ended');
    const before = env.sockets.length;
    await env.clock.pass(60_000);
    expect(env.sockets).toHaveLength(before);
  });

  it('by choice deletes what this device keeps, and begins with an empty page', async () => {
    parley.drafts.write(7, { text: 'half a', replyTo: null });
    await env.clock.pass(300);
    env.socket().drops();
    parley.outbox.send(7, 'unsent');
    env.server.on('POST /logout', () => undefined);
    await parley.session.logOut();
    expect([...env.store.kept.keys()]).toEqual([]);
    expect(env.page.reloads).toEqual(['/login']);
  });

  it('another person on the same page begins with an empty page', () => {
    env.socket().hello({ ...dana, id: 2, username: 'ada' });
    expect(env.page.reloads).toHaveLength(1);
  });
});

it('a message that names me is told from one that names another', async () => {
  await connected();
  parley.place.open(7);
  await settled();
  const named = (text: string) => [{ t: 'p' as const, c: [{ t: 'mention' as const, text }] }];
  env.socket().says(created(101, { rich: named('@DANA') }) as never);
  env.socket().says(created(102, { rich: named('@dan') }) as never);
  await env.clock.pass(100);
  const last = parley.timeline(7).entries.value.slice(-2);
  expect(last.map((entry) => entry.kind === 'message' && entry.mentionsMe)).toEqual([true, false]);
  expect(aMessage(1).user).toEqual(ada);
});
