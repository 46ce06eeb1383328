// Who is here: finding out, signing in and out.
import { batch, signal, type ReadonlySignal } from '@preact/signals';
import { backoff } from '../lib/backoff.ts';
import type { Clock, Page, Store } from '../lib/env.ts';
import { failure, type Api, type Failure } from '../wire/api.ts';
import type { Limits, LoginRequest, Server, SetupRequest, SignupRequest, User } from '../wire/protocol.ts';
import type { SessionPhase, SessionState } from './contract.ts';

export interface SessionParts {
  api: Api;
  clock: Clock;
  random(): number;
  store: Store;
  page: Page;
  /** Somebody is signed in: connect. Called again after an ended session. */
  entered(user: User): void;
  /** The session ended, or the account is refused: stop connecting. */
  over(): void;
  /** A chosen sign-out is about to happen: delete what this device keeps. */
  leaving(): void;
}

// What holds until the server has told its own.
const usualLimits: Limits = Object.freeze({
  message_characters: 10_000,
  message_bytes: 16_384,
  messages_per_second: 0,
  password_characters: 10,
  frame_bytes: 65_536,
  page: 200,
  connections_per_user: 0,
});

/**
 * Here while somebody is signed in. Written at each sign-in, so that other
 * tabs look again who is here.
 */
const sign = 'signed-in';

export class Session implements SessionState {
  readonly #parts: SessionParts;
  readonly #phase = signal<SessionPhase>('starting');
  readonly #user = signal<User | null>(null);
  readonly #server = signal<Server | null>(null);
  readonly #limits = signal<Limits>(usualLimits);
  readonly #failure = signal<Failure | null>(null);
  readonly #unwatch: () => void;
  #attempt = 0;
  #cancelRetry: (() => void) | null = null;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#unwatch = parts.store.watch((name) => {
      if (name === sign && this.#phase.peek() !== 'signed-in') void this.check();
    });
  }

  get phase(): ReadonlySignal<SessionPhase> {
    return this.#phase;
  }
  get user(): ReadonlySignal<User | null> {
    return this.#user;
  }
  get server(): ReadonlySignal<Server | null> {
    return this.#server;
  }
  get limits(): ReadonlySignal<Limits> {
    return this.#limits;
  }
  get failure(): ReadonlySignal<Failure | null> {
    return this.#failure;
  }

  /** Whether somebody is likely to be signed in here, before the server is asked. */
  get expected(): boolean {
    return this.#parts.store.read(sign) !== null;
  }

  /** Asks the server who is here. Never rejects; tries again by itself. */
  async check(): Promise<void> {
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    try {
      const server = this.#take(await this.#parts.api.server());
      if (server.user === undefined) this.#nobody(server);
      else this.#entered(server.user);
    } catch (err) {
      this.#unreachable(failure(err));
    }
  }

  async setUp(form: SetupRequest): Promise<void> {
    this.#signedIn((await this.#parts.api.setUp(form)).user);
  }

  async signUp(form: SignupRequest): Promise<void> {
    this.#signedIn((await this.#parts.api.signUp(form)).user);
  }

  async logIn(form: LoginRequest): Promise<void> {
    this.#signedIn((await this.#parts.api.logIn(form)).user);
  }

  async logOut(): Promise<void> {
    await this.#parts.api.logOut();
    this.#parts.store.remove(sign);
    this.#parts.leaving();
    // A new document: nothing of this person stays in memory.
    this.#parts.page.reload('/login');
  }

  async rename(name: string): Promise<void> {
    this.#user.value = Object.freeze((await this.#parts.api.changeMe({ name })).user);
  }

  /** The socket's first frame: who it is for. */
  greeted(user: User, limits: Limits): void {
    batch(() => {
      this.#limits.value = Object.freeze({ ...usualLimits, ...limits });
      this.#become(user);
    });
  }

  /** The server ended the session, or refuses the account. */
  over(why: 'ended' | 'refused'): void {
    this.#phase.value = why;
    this.#parts.over();
  }

  /** Fetches name and limits; a failure leaves what is known. */
  async loadServer(): Promise<Server | null> {
    try {
      return this.#take(await this.#parts.api.server());
    } catch (err) {
      failure(err);
      return null;
    }
  }

  stop(): void {
    this.#unwatch();
    this.#cancelRetry?.();
  }

  #take(server: Server): Server {
    batch(() => {
      this.#server.value = Object.freeze(server);
      this.#limits.value = Object.freeze({ ...usualLimits, ...server.limits });
    });
    return server;
  }

  #signedIn(user: User): void {
    this.#mark();
    this.#entered(user);
  }

  #mark(): void {
    this.#parts.store.write(sign, String(this.#parts.clock.now()));
  }

  #entered(user: User): void {
    if (!this.#become(user)) return;
    if (!this.expected) this.#mark();
    this.#attempt = 0;
    batch(() => {
      this.#failure.value = null;
      this.#phase.value = 'signed-in';
    });
    this.#parts.entered(user);
  }

  // Another person on the same page: begin with an empty memory.
  #become(user: User): boolean {
    const was = this.#user.peek();
    if (was !== null && was.id !== user.id) {
      this.#parts.page.reload();
      return false;
    }
    this.#user.value = Object.freeze(user);
    return true;
  }

  // Already in use: the dialog over the room, nothing is thrown away.
  #nobody(server: Server): void {
    this.#parts.store.remove(sign);
    if (this.#user.peek() !== null) return this.over('ended');
    batch(() => {
      this.#failure.value = null;
      this.#phase.value = server.setup_needed ? 'setup' : 'signed-out';
    });
  }

  #unreachable(failed: Failure): void {
    // In use, the connection's banner says it.
    if (this.#phase.peek() !== 'starting' && this.#phase.peek() !== 'unreachable') return;
    batch(() => {
      this.#failure.value = failed;
      this.#phase.value = 'unreachable';
    });
    const wait = backoff(this.#attempt++, this.#parts.random);
    this.#cancelRetry = this.#parts.clock.after(wait, () => void this.check());
  }
}
