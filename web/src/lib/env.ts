// The parts of a browser that the state depends on, so that tests can own
// time, storage and the network.

/** Everything that createParley needs from outside. */
export interface Env {
  clock: Clock;
  /** 0 to 1, for jitter. */
  random(): number;
  /** A fresh 128-bit key, as 32 hexadecimal digits. */
  newKey(): string;
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  openSocket(): Socket;
  store: Store;
  page: Page;
}

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs `task` once after `ms`; the answer cancels it. */
  after(ms: number, task: () => void): () => void;
}

/** The part of a WebSocket that is used. Its handlers are set once. */
export interface Socket {
  onmessage: ((data: string) => void) | null;
  onclose: ((code: number, reason: string) => void) | null;
  send(data: string): void;
  close(): void;
}

/**
 * Text by name, kept on the device. Never throws: where the browser keeps
 * nothing (private mode, full), it lives as long as the page.
 */
export interface Store {
  read(name: string): string | null;
  write(name: string, value: string): void;
  remove(name: string): void;
  names(prefix: string): string[];
  /** Calls back when another tab changed a name; the answer stops it. */
  watch(changed: (name: string, value: string | null) => void): () => void;
}

/** The window's condition. */
export interface Page {
  visible(): boolean;
  focused(): boolean;
  online(): boolean;
  /** Calls back when any of these may have changed; the answer stops it. */
  watch(changed: () => void): () => void;
  /** Loads the page anew, at `address` if given: nothing stays in memory. */
  reload(address?: string): void;
}
