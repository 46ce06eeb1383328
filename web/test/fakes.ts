// A browser whose time, storage, network and window belong to the test.
import type { Clock, Env, Page, Socket, Store } from '../src/lib/env.ts';
import type { Message, Problem, Room, RoomEvent, ServerFrame, User, UserRef } from '../src/wire/protocol.ts';

export class FakeClock implements Clock {
  #now = Date.parse('2026-11-19T10:00:00Z');
  #timers: { at: number; task: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, task: () => void): () => void {
    const timer = { at: this.#now + ms, task };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }

  /** Lets `ms` pass; timers run in order, promises settle in between. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settled();
      const next = this.#timers.filter((one) => one.at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((one) => one !== next);
      this.#now = Math.max(this.#now, next.at);
      next.task();
    }
    this.#now = end;
  }
}

/** Lets promises settle that wait for nothing else. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 30; i++) await Promise.resolve();
}

/** The server's end of a socket. */
export class FakeSocket implements Socket {
  onmessage: ((data: string) => void) | null = null;
  onclose: ((code: number, reason: string) => void) | null = null;
  readonly sent: { id: number; op: string; [field: string]: unknown }[] = [];
  closed = false;

  send(data: string): void {
    this.sent.push(JSON.parse(data));
  }
  close(): void {
    this.closed = true;
  }
  says(frame: ServerFrame): void {
    this.onmessage?.(JSON.stringify(frame));
  }
  hello(user: User = dana): void {
    const limits = {
      message_characters: 10_000, message_bytes: 16_384, messages_per_second: 0, password_characters: 10,
      frame_bytes: 65_536, page: 200, connections_per_user: 20,
    };
    this.says({ type: 'hello', user, epoch: 'e1', heartbeat_s: 25, limits });
  }
  answers(id: number, ok: unknown): void {
    this.onmessage?.(JSON.stringify({ re: id, ok }));
  }
  refuses(id: number, problem: Partial<Problem>): void {
    this.onmessage?.(JSON.stringify({ re: id, error: problemOf(problem) }));
  }
  drops(code = 1006, reason = ''): void {
    this.onclose?.(code, reason);
  }
  /** What was sent with this op, oldest first. */
  asked(op: string) {
    return this.sent.filter((frame) => frame.op === op);
  }
  /** The newest frame with this op. */
  last(op: string) {
    const frame = this.asked(op).at(-1);
    if (frame === undefined) throw new Error(`no ${op} was sent`);
    return frame;
  }
}

export class FakeStore implements Store {
  readonly kept = new Map<string, string>();
  #watchers: ((name: string, value: string | null) => void)[] = [];

  read = (name: string) => this.kept.get(name) ?? null;
  write = (name: string, value: string) => void this.kept.set(name, value);
  remove = (name: string) => void this.kept.delete(name);
  names = (prefix: string) => [...this.kept.keys()].filter((name) => name.startsWith(prefix));
  watch(changed: (name: string, value: string | null) => void): () => void {
    this.#watchers.push(changed);
    return () => {};
  }
  /** As if another tab had done it. */
  elsewhere(name: string, value: string | null): void {
    if (value === null) this.kept.delete(name);
    else this.kept.set(name, value);
    for (const watcher of this.#watchers) watcher(name, value);
  }
}

export class FakePage implements Page {
  is = { visible: true, focused: true, online: true };
  reloads: string[] = [];
  #watchers: (() => void)[] = [];

  visible = () => this.is.visible;
  focused = () => this.is.focused;
  online = () => this.is.online;
  watch(changed: () => void): () => void {
    this.#watchers.push(changed);
    return () => {};
  }
  reload(address = ''): void {
    this.reloads.push(address);
  }
  becomes(part: Partial<FakePage['is']>): void {
    Object.assign(this.is, part);
    for (const watcher of this.#watchers) watcher();
  }
}

type Handler = (body: unknown, url: URL) => unknown;

/** Answers requests by "METHOD /path"; what is not listed fails as a network would. */
export class FakeServer {
  readonly routes = new Map<string, Handler>();
  readonly requests: string[] = [];

  on(route: string, handler: Handler): this {
    this.routes.set(route, handler);
    return this;
  }

  fetch = async (address: string, init: RequestInit): Promise<Response> => {
    const url = new URL(address, 'http://parley.test');
    const route = `${init.method} ${url.pathname.replace('/api/v1', '')}`;
    this.requests.push(route + url.search);
    const handler = this.routes.get(route);
    if (handler === undefined) throw new TypeError('network');
    const body = typeof init.body === 'string' ? JSON.parse(init.body) : undefined;
    const answer = await handler(body, url);
    if (answer instanceof Refusal) {
      const headers = { 'Content-Type': 'application/problem+json' };
      return new Response(JSON.stringify(answer.problem), { status: answer.problem.status, headers });
    }
    return new Response(answer === undefined ? null : JSON.stringify(answer), { status: answer === undefined ? 204 : 200 });
  };
}

/** What a route answers to refuse. */
export class Refusal {
  readonly problem: Problem;
  constructor(problem: Partial<Problem>) {
    this.problem = problemOf(problem);
  }
}

export interface FakeEnv extends Env {
  clock: FakeClock;
  store: FakeStore;
  page: FakePage;
  sockets: FakeSocket[];
  server: FakeServer;
  /** The newest socket. */
  socket(): FakeSocket;
}

export function fakeEnv(): FakeEnv {
  const sockets: FakeSocket[] = [];
  const server = new FakeServer();
  let keys = 0;
  return {
    clock: new FakeClock(),
    random: () => 0.5,
    newKey: () => `key-${++keys}`,
    fetch: server.fetch,
    openSocket: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
    store: new FakeStore(),
    page: new FakePage(),
    sockets,
    server,
    socket: () => sockets.at(-1)!,
  };
}

// People, rooms and messages to talk about.

export const dana: User = { id: 1, username: 'dana', name: 'Dana', role: 'member', disabled: false };
export const ada: UserRef = { id: 2, username: 'ada', name: 'Ada' };
export const bruno: UserRef = { id: 3, username: 'bruno', name: 'Bruno' };
export const danaRef: UserRef = { id: 1, username: 'dana', name: 'Dana' };

export function aRoom(part: Partial<Room> = {}): Room {
  return {
    id: 7, slug: 'launch', name: 'launch', topic: '', private: false, archived: false, joined: true,
    epoch: 'e1', last_seq: 100, read_seq: 100, unread: 0, mentions: 0, ...part,
  };
}

export function aMessage(seq: number, part: Partial<Message> = {}): Message {
  const at = Date.parse('2026-11-19T09:00:00Z') + seq * 1000;
  return {
    room: 7, seq, key: `k${seq}`, user: ada, text: `message ${seq}`, created_at: new Date(at).toISOString(), ...part,
  };
}

/** A page of the messages `from` to `to`. */
export function aPage(from: number, to: number, head = to, more = from > 1) {
  const messages = Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => aMessage(from + i));
  return { messages, epoch: 'e1', head, more };
}

export function created(seq: number, part: Partial<Message> = {}): RoomEvent {
  return { type: 'message.created', room: 7, epoch: 'e1', seq, message: aMessage(seq, part) };
}

function problemOf(part: Partial<Problem>): Problem {
  return { type: 'about:blank', title: '', status: 500, code: 'internal', ...part };
}

/** What the server tells whoever is signed in. */
export const here = (part: object = {}) => ({ ...nobody(), version: '1', user: dana, ...part });
/** What it tells a stranger. */
export const nobody = (part: object = {}) => ({ name: 'Harbour', setup_needed: false, signup: 'open', limits: {}, ...part });
