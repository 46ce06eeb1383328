// The browser's parts, behind the interfaces of env.ts.
import type { Clock, Env, Page, Socket, Store } from './env.ts';

export function browserEnv(): Env {
  return {
    clock: browserClock,
    random: Math.random,
    newKey,
    fetch: (url, init) => fetch(url, init),
    openSocket,
    store: openStore(() => localStorage),
    page: browserPage,
  };
}

const browserClock: Clock = {
  now: () => Date.now(),
  after(ms, task) {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
};

// Not randomUUID: that needs a secure context, and a server on a local network
// is often reached over plain HTTP.
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function openSocket(): Socket {
  const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
  const inner = new WebSocket(`${scheme}//${location.host}/api/v1/ws`, 'parley.v1');
  const socket: Socket = {
    onmessage: null,
    onclose: null,
    send: (data) => inner.send(data),
    close: () => inner.close(1000),
  };
  inner.onmessage = (event: MessageEvent<unknown>) => {
    if (typeof event.data === 'string') socket.onmessage?.(event.data);
  };
  inner.onclose = (event) => socket.onclose?.(event.code, event.reason);
  return socket;
}

/**
 * Names are kept under "parley:". Where the browser refuses (private mode,
 * storage switched off or full), they live as long as the page.
 */
export function openStore(open: () => Storage): Store {
  const memory = new Map<string, string>();
  const prefix = 'parley:';
  let kept: Storage | null = null;
  try {
    kept = open();
  } catch {
    // Memory only.
  }
  return {
    read: (name) => memory.get(name) ?? kept?.getItem(prefix + name) ?? null,
    write(name, value) {
      try {
        if (kept === null) throw new Error('no storage');
        kept.setItem(prefix + name, value);
        memory.delete(name);
      } catch {
        memory.set(name, value);
      }
    },
    remove(name) {
      memory.delete(name);
      kept?.removeItem(prefix + name);
    },
    names(start) {
      const stored = kept === null ? [] : Object.keys(kept);
      const names = stored.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
      return [...new Set([...names, ...memory.keys()])].filter((name) => name.startsWith(start));
    },
    watch(changed) {
      const listen = (event: StorageEvent) => {
        if (event.key?.startsWith(prefix)) changed(event.key.slice(prefix.length), event.newValue);
      };
      addEventListener('storage', listen);
      return () => removeEventListener('storage', listen);
    },
  };
}

const browserPage: Page = {
  visible: () => document.visibilityState === 'visible',
  focused: () => document.hasFocus(),
  online: () => navigator.onLine,
  watch(changed) {
    const events: [EventTarget, string][] = [
      [document, 'visibilitychange'],
      [window, 'focus'],
      [window, 'blur'],
      [window, 'online'],
      [window, 'offline'],
      [window, 'pageshow'],
    ];
    for (const [target, type] of events) target.addEventListener(type, changed);
    return () => {
      for (const [target, type] of events) target.removeEventListener(type, changed);
    };
  },
  reload(address) {
    if (address === undefined) location.reload();
    else location.assign(address);
  },
};
