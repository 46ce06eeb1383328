import { beforeEach, describe, expect, it } from 'vitest';
import { backoff } from '../src/lib/backoff.ts';
import { consequence } from '../src/realtime/closing.ts';
import { Connection, type Listener } from '../src/realtime/connection.ts';
import { ApiProblem, NetworkProblem } from '../src/wire/api.ts';
import { fakeEnv, settled, type FakeEnv } from './fakes.ts';

let env: FakeEnv;
let told: string[];
let connection: Connection;

beforeEach(() => {
  env = fakeEnv();
  told = [];
  const listener: Listener = {
    hello: async () => void told.push('hello'),
    cursors: () => ({ 7: { epoch: 'e1', seq: 4 } }),
    resumed: () => void told.push('resumed'),
    frame: (frame) => void told.push(frame.type),
    lost: () => void told.push('lost'),
    unopened: () => void told.push('unopened'),
    final: (why, code) => void told.push(`${why} ${code}`),
  };
  connection = new Connection(env, listener);
});

async function live(): Promise<void> {
  env.socket().hello();
  await settled();
  env.socket().answers(env.socket().last('resume').id, { rooms: {} });
}

describe('opening', () => {
  it('resumes first, with the cursors, and is live after the answer', async () => {
    connection.start();
    env.socket().hello();
    await settled();
    expect(env.socket().sent).toEqual([{ id: 1, op: 'resume', rooms: { 7: { epoch: 'e1', seq: 4 } } }]);
    expect(connection.phase.value).toBe('opening');
    env.socket().answers(1, { rooms: {} });
    expect(connection.phase.value).toBe('live');
    expect(told).toEqual(['hello', 'resumed']);
  });

  it('refuses requests while it is not live', async () => {
    connection.start();
    await expect(connection.request({ op: 'ping' })).rejects.toBeInstanceOf(NetworkProblem);
  });

  it('asks who is here when a socket closes without a hello', () => {
    connection.start();
    env.socket().drops(1006);
    expect(told).toEqual(['unopened']);
  });

  it('does not listen to a socket that it gave up', async () => {
    connection.start();
    await live();
    const old = env.socket();
    connection.reconnect();
    old.says({ type: 'rooms' });
    old.drops(1002);
    expect(told).toEqual(['hello', 'resumed', 'lost']);
    expect(connection.phase.value).toBe('waiting');
  });
});

describe('requests', () => {
  beforeEach(async () => {
    connection.start();
    await live();
  });

  it('settle by the id of the answer, in any order', async () => {
    const first = connection.request({ op: 'send', room: 7, key: 'a', text: 'x' });
    const second = connection.request({ op: 'send', room: 7, key: 'b', text: 'y' });
    const [one, two] = env.socket().asked('send');
    env.socket().refuses(two!.id, { status: 403, code: 'not_member' });
    env.socket().answers(one!.id, { seq: 5, created_at: 't' });
    await expect(first).resolves.toEqual({ seq: 5, created_at: 't' });
    await expect(second).rejects.toMatchObject({ problem: { code: 'not_member' } });
    await expect(second).rejects.toBeInstanceOf(ApiProblem);
  });

  it('fail as the network does without an answer in 15 s', async () => {
    const lost = expect(connection.request({ op: 'ping' })).rejects.toBeInstanceOf(NetworkProblem);
    await env.clock.pass(15_000);
    await lost;
  });

  it('fail as the network does when the socket closes', async () => {
    const lost = expect(connection.request({ op: 'ping' })).rejects.toBeInstanceOf(NetworkProblem);
    env.socket().drops();
    await lost;
  });
});

describe('heart-beat', () => {
  beforeEach(async () => {
    connection.start();
    await live();
  });

  it('gives up a socket that is silent for heartbeat_s and 15 s', async () => {
    await env.clock.pass(39_999);
    expect(connection.phase.value).toBe('live');
    await env.clock.pass(1);
    expect(connection.phase.value).toBe('waiting');
  });

  it('lives on as long as anything is heard', async () => {
    for (let i = 0; i < 5; i++) {
      await env.clock.pass(30_000);
      env.socket().says({ type: 'ping' });
    }
    expect(connection.phase.value).toBe('live');
  });

  it('asks a quiet socket when the page comes back, and gives it up without an answer', async () => {
    env.page.becomes({ visible: false });
    await env.clock.pass(20_000);
    env.page.becomes({ visible: true });
    expect(env.socket().asked('ping')).toHaveLength(1);
    await env.clock.pass(5_000);
    expect(connection.phase.value).toBe('waiting');
  });
});

describe('coming back', () => {
  it('waits 0.5, 1, 2, 4, 8, 15 and again 15 s', async () => {
    connection.start();
    for (const wait of [500, 1000, 2000, 4000, 8000, 15000, 15000]) {
      const before = env.sockets.length;
      env.socket().drops();
      await env.clock.pass(wait - 1);
      expect(env.sockets).toHaveLength(before);
      await env.clock.pass(1);
      expect(env.sockets).toHaveLength(before + 1);
    }
  });

  it('starts from 0.5 s again after 10 s of being live', async () => {
    connection.start();
    for (let i = 0; i < 4; i++) {
      env.socket().drops();
      await env.clock.pass(15_000);
    }
    await live();
    await env.clock.pass(10_000);
    env.socket().drops();
    const before = env.sockets.length;
    await env.clock.pass(500);
    expect(env.sockets).toHaveLength(before + 1);
  });

  it('goes on backing off when it is live only for moments', async () => {
    connection.start();
    for (let i = 0; i < 4; i++) {
      await live();
      env.socket().drops();
      await env.clock.pass(15_000);
    }
    await live();
    env.socket().drops();
    const before = env.sockets.length;
    await env.clock.pass(7999);
    expect(env.sockets).toHaveLength(before);
  });

  it('does not wait when the network or the page comes back', async () => {
    connection.start();
    env.page.becomes({ online: false });
    env.socket().drops();
    const before = env.sockets.length;
    env.page.becomes({ online: true });
    expect(env.sockets).toHaveLength(before + 1);
  });

  it('asks at once whether the server is there when the browser says that it is offline', async () => {
    connection.start();
    await live();
    env.page.becomes({ online: false });
    env.socket().answers(env.socket().last('ping').id, {});
    await env.clock.pass(6_000);
    expect(connection.phase.value).toBe('live'); // a server on this very machine
    env.page.becomes({ online: true });
    env.page.becomes({ online: false });
    await env.clock.pass(6_000);
    expect(connection.phase.value).not.toBe('live');
  });

  it('stops at a defect and at an ended session, and says which', async () => {
    connection.start();
    await live();
    env.socket().drops(4001);
    expect(connection.phase.value).toBe('final');
    connection.start();
    await live();
    env.socket().drops(1002);
    expect(told.filter((one) => /\d/.test(one))).toEqual(['end 4001', 'stop 1002']);
    await env.clock.pass(60_000);
    expect(env.sockets).toHaveLength(2);
  });
});

describe('close codes', () => {
  const half = () => 0.5;

  it('a reason of retry=SECONDS is obeyed, with jitter on top', () => {
    expect(consequence(1013, 'retry=30', 0, () => 0)).toEqual({ do: 'return', after: 30_000 });
    expect(consequence(4029, 'retry=30', 0, () => 1)).toEqual({ do: 'return', after: 39_000 });
    expect(consequence(1013, 'retry=soon', 0, half)).toEqual({ do: 'return', after: 500 });
  });

  it('a restart is spread over some seconds, a flood waits long', () => {
    expect(consequence(1012, '', 0, () => 1)).toEqual({ do: 'return', after: 2650 });
    expect(consequence(1008, '', 0, half)).toEqual({ do: 'return', after: 10_000 });
  });

  it('every other one comes back, or ends as the protocol says', () => {
    for (const code of [1006, 4008, 4010, 1000, 1001, 1011]) expect(consequence(code, '', 0, half).do).toBe('return');
    for (const code of [1002, 1003, 1007, 1009]) expect(consequence(code, '', 0, half).do).toBe('stop');
    expect(consequence(4003, '', 0, half).do).toBe('refuse');
  });

  it('jitter stays within 30 %', () => {
    expect(backoff(2, () => 0)).toBe(1400);
    expect(backoff(2, () => 1)).toBe(2600);
    expect(backoff(99, half)).toBe(15_000);
  });
});
