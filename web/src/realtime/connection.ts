// One socket to the server at a time: opened, resumed, watched, and opened
// again when it is lost. Which rooms there are is feed.ts's matter.
import { signal, type ReadonlySignal } from '@preact/signals';
import type { Clock, Page, Socket } from '../lib/env.ts';
import { ApiProblem, NetworkProblem } from '../wire/api.ts';
import type { Answer, ClientOp, Cursor, Hello, OpAnswers, ServerFrame } from '../wire/protocol.ts';
import { consequence } from './closing.ts';

/**
 * `off`: not started, or stopped. `opening`: until the answer to resume.
 * `live`: everything works. `waiting`: for the next try. `final`: given up.
 */
export type Phase = 'off' | 'opening' | 'live' | 'waiting' | 'final';

export interface ConnectionParts {
  clock: Clock;
  random(): number;
  openSocket(): Socket;
  page: Page;
}

/** Who is told. All are called one after another, in the order of the frames. */
export interface Listener {
  /** The resume is sent when the promise settles, which must not take 10 s. */
  hello(frame: Hello): Promise<void>;
  cursors(): Record<string, Cursor>;
  resumed(answer: OpAnswers['resume']): void;
  frame(frame: ServerFrame): void;
  /** It was live and is not any more. */
  lost(): void;
  /** No hello came: the server is away, or the sign-in is over. */
  unopened(): void;
  /** It will not come back by itself. */
  final(why: 'end' | 'refuse' | 'stop', code: number): void;
}

// Without an answer for so long a request counts as lost, in ms.
const answerWithin = 15_000;
const helloWithin = 20_000;
const heartbeatGrace = 15_000;
// Returning to the page or the network, a socket quiet for longer is asked.
const quiet = 5_000;
const probeWithin = 5_000;
// After so long the tries count from the start again.
const steadyAfter = 10_000;
// Nobody asks more at once; a caller that does is told the network is away.
const mostPending = 1000;

interface Pending {
  done(answer: Answer | null): void;
  cancel(): void;
}

export class Connection {
  readonly #parts: ConnectionParts;
  readonly #listener: Listener;
  readonly #phase = signal<Phase>('off');
  readonly #pending = new Map<number, Pending>();
  #socket: Socket | null = null;
  #lastId = 0;
  #attempt = 0;
  #liveSince = 0;
  #lastHeard = 0;
  #silence = helloWithin;
  #cancelTimer: (() => void) | null = null;
  #unwatch: (() => void) | null = null;
  #wasAway = false;
  #wasOffline = false;

  constructor(parts: ConnectionParts, listener: Listener) {
    this.#parts = parts;
    this.#listener = listener;
  }

  get phase(): ReadonlySignal<Phase> {
    return this.#phase;
  }

  /** Opens the socket and keeps one open until `stop`. */
  start(): void {
    if (this.#phase.peek() !== 'off' && this.#phase.peek() !== 'final') return;
    this.#attempt = 0;
    this.#unwatch ??= this.#parts.page.watch(() => this.#pageChanged());
    this.#open();
  }

  stop(): void {
    this.#unwatch?.();
    this.#unwatch = null;
    this.#drop();
    this.#phase.value = 'off';
  }

  /** Does not wait any longer. */
  retry(): void {
    if (this.#phase.peek() === 'waiting') this.#open();
  }

  /** Gives the socket up and comes back to resume: something was missed. */
  reconnect(): void {
    if (this.#phase.peek() === 'live') this.#closed(1006, '');
  }

  /** Rejects with ApiProblem, or with NetworkProblem where no answer came. */
  request<O extends ClientOp>(op: O): Promise<OpAnswers[O['op']]> {
    if (this.#phase.peek() !== 'live') return Promise.reject(new NetworkProblem(op.op));
    return new Promise((resolve, reject) => {
      this.#ask(op, answerWithin, (answer) => {
        if (answer === null) reject(new NetworkProblem(op.op));
        else if ('error' in answer) reject(new ApiProblem(answer.error));
        else resolve(answer.ok as OpAnswers[O['op']]);
      });
    });
  }

  /** Says something whose loss does not matter. */
  tell(op: ClientOp): void {
    if (this.#phase.peek() === 'live') this.#ask(op, answerWithin, () => {});
  }

  #ask(op: ClientOp, within: number, done: (answer: Answer | null) => void): void {
    if (this.#pending.size >= mostPending) return done(null);
    const id = ++this.#lastId;
    const cancel = this.#parts.clock.after(within, () => {
      this.#pending.delete(id);
      done(null);
    });
    this.#pending.set(id, { done, cancel });
    this.#socket?.send(JSON.stringify({ id, ...op }));
  }

  #open(): void {
    this.#drop();
    this.#phase.value = 'opening';
    this.#lastHeard = this.#parts.clock.now();
    this.#silence = helloWithin;
    this.#listen();
    let socket: Socket;
    try {
      socket = this.#parts.openSocket();
    } catch {
      return this.#closed(1006, '');
    }
    this.#socket = socket;
    // A socket that was given up may still speak: it is no longer listened to.
    socket.onmessage = (data) => socket === this.#socket && this.#received(data);
    socket.onclose = (code, reason) => socket === this.#socket && this.#closed(code, reason);
  }

  #received(data: string): void {
    this.#lastHeard = this.#parts.clock.now();
    let frame: ServerFrame | Answer;
    try {
      frame = JSON.parse(data) as ServerFrame | Answer;
    } catch {
      return this.#closed(1006, '');
    }
    if ('re' in frame) this.#answered(frame);
    else if (frame.type === 'hello') void this.#greeted(frame);
    else if (this.#phase.peek() === 'live') this.#listener.frame(frame);
  }

  #answered(answer: Answer): void {
    const pending = this.#pending.get(answer.re);
    if (pending === undefined) return;
    this.#pending.delete(answer.re);
    pending.cancel();
    pending.done(answer);
  }

  async #greeted(hello: Hello): Promise<void> {
    const socket = this.#socket;
    this.#silence = hello.heartbeat_s * 1000 + heartbeatGrace;
    await this.#listener.hello(hello);
    if (socket !== this.#socket || this.#phase.peek() !== 'opening') return;
    this.#ask({ op: 'resume', rooms: this.#listener.cursors() }, answerWithin, (answer) => {
      if (socket !== this.#socket) return;
      if (answer === null || 'error' in answer) return this.#closed(1006, '');
      this.#liveSince = this.#parts.clock.now();
      this.#phase.value = 'live';
      this.#listener.resumed(answer.ok as OpAnswers['resume']);
    });
  }

  #closed(code: number, reason: string): void {
    const was = this.#phase.peek();
    const opened = this.#silence !== helloWithin;
    if (was === 'live' && this.#parts.clock.now() - this.#liveSince >= steadyAfter) this.#attempt = 0;
    const next = consequence(code, reason, this.#attempt, this.#parts.random);
    this.#drop();
    if (next.do !== 'return') {
      this.#phase.value = 'final';
      return this.#listener.final(next.do, code);
    }
    this.#attempt++;
    this.#phase.value = 'waiting';
    this.#cancelTimer = this.#parts.clock.after(next.after, () => this.#open());
    if (!opened) this.#listener.unopened();
  }

  // Lets go of the socket and of everything that waited for it.
  #drop(): void {
    if (this.#phase.peek() === 'live') this.#listener.lost();
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { cancel, done } of pending) {
      cancel();
      done(null);
    }
  }

  // Looks once in a while instead of setting a timer at every frame.
  #listen(): void {
    const left = this.#lastHeard + this.#silence - this.#parts.clock.now();
    if (left <= 0) return this.#closed(1006, '');
    this.#cancelTimer = this.#parts.clock.after(left, () => this.#listen());
  }

  #pageChanged(): void {
    const { page, clock } = this.#parts;
    const away = !page.visible() || !page.online();
    const back = this.#wasAway && !away;
    this.#wasAway = away;
    // A browser without a network says so; the socket may reach a server on this machine all the same.
    const lost = !page.online() && !this.#wasOffline;
    this.#wasOffline = !page.online();
    if (lost && this.#phase.peek() === 'live') this.#probe();
    if (!back) return;
    this.retry();
    if (this.#phase.peek() === 'live' && clock.now() - this.#lastHeard > quiet) this.#probe();
  }

  // A laptop that slept or changed networks does not learn that its socket died.
  #probe(): void {
    const socket = this.#socket;
    this.#ask({ op: 'ping' }, probeWithin, (answer) => {
      if (answer === null && socket === this.#socket && this.#phase.peek() === 'live') this.#closed(1006, '');
    });
  }
}
