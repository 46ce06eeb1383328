// Addresses and history. Every state that can be shared or bookmarked has an
// address; dialogs do not.
import { signal, type ReadonlySignal } from '@preact/signals';

export type Route =
  | { name: 'home' }
  | { name: 'rooms' }
  | { name: 'room'; slug: string; seq: number | null }
  | { name: 'settings'; page: string }
  | { name: 'admin'; page: string }
  | { name: 'join'; code: string }
  | { name: 'login' }
  | { name: 'signup' }
  | { name: 'setup'; token: string }
  | { name: 'missing'; path: string };

/** The parts of the browser that the router uses. */
export interface Browser {
  location: { readonly pathname: string; readonly hash: string; readonly origin: string };
  history: {
    pushState(data: unknown, unused: string, url: string): void;
    replaceState(data: unknown, unused: string, url: string): void;
    back(): void;
  };
  addEventListener(type: 'popstate', listener: () => void): void;
  removeEventListener(type: 'popstate', listener: () => void): void;
}

/** What `follow` looks at in a click; a DOM MouseEvent fits. */
export interface Click {
  button: number;
  defaultPrevented: boolean;
  metaKey: boolean;
  ctrlKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
  target: EventTarget | null;
  preventDefault(): void;
}

interface Anchor {
  href: string;
  origin: string;
  pathname: string;
  hash: string;
  target: string;
  hasAttribute(name: string): boolean;
}

const slugPattern = /^[a-z0-9][a-z0-9_-]{0,63}$/;

/** Reads an address. What is no address of ours is `missing`. */
export function parseRoute(path: string, hash = ''): Route {
  const [first = '', second, third, ...rest] = segments(path);
  if (rest.length > 0) return { name: 'missing', path };
  if (third !== undefined && first !== 'rooms') return { name: 'missing', path };
  switch (first) {
    case '':
      return { name: 'home' };
    case 'rooms':
      return roomRoute(path, second, third);
    case 'settings':
    case 'admin':
      return { name: first, page: second ?? '' };
    case 'join':
      return second ? { name: 'join', code: second } : { name: 'missing', path };
    case 'login':
    case 'signup':
      return second === undefined ? { name: first } : { name: 'missing', path };
    case 'setup':
      return second === undefined ? { name: 'setup', token: tokenIn(hash) } : { name: 'missing', path };
  }
  return { name: 'missing', path };
}

/** Writes an address; parseRoute reads it back. */
export function href(route: Route): string {
  switch (route.name) {
    case 'home':
      return '/';
    case 'rooms':
    case 'login':
    case 'signup':
      return '/' + route.name;
    case 'room':
      return `/rooms/${route.slug}` + (route.seq === null ? '' : `/${route.seq}`);
    case 'settings':
    case 'admin':
      return `/${route.name}` + (route.page === '' ? '' : `/${encodeURIComponent(route.page)}`);
    case 'join':
      return `/join/${encodeURIComponent(route.code)}`;
    case 'setup':
      return '/setup' + (route.token === '' ? '' : `#token=${encodeURIComponent(route.token)}`);
    case 'missing':
      return route.path;
  }
}

function roomRoute(path: string, slug?: string, seq?: string): Route {
  if (slug === undefined) return { name: 'rooms' };
  if (!slugPattern.test(slug)) return { name: 'missing', path };
  if (seq === undefined) return { name: 'room', slug, seq: null };
  return /^[1-9]\d{0,14}$/.test(seq) ? { name: 'room', slug, seq: Number(seq) } : { name: 'missing', path };
}

function segments(path: string): string[] {
  try {
    return path.split('/').filter((part) => part !== '').map(decodeURIComponent);
  } catch {
    return ['%'];
  }
}

// The set-up token stands in the fragment, which no server or proxy logs.
function tokenIn(hash: string): string {
  return new URLSearchParams(hash.replace(/^#/, '')).get('token') ?? '';
}

export class Router {
  readonly #browser: Browser;
  readonly #route;
  readonly #read = () => {
    const { pathname, hash } = this.#browser.location;
    this.#route.value = parseRoute(pathname, hash);
  };

  constructor(browser: Browser) {
    this.#browser = browser;
    this.#route = signal<Route>({ name: 'home' });
    this.#read();
    browser.addEventListener('popstate', this.#read);
  }

  get route(): ReadonlySignal<Route> {
    return this.#route;
  }

  /** Goes to an address; with `replace`, Back does not come here again. */
  go(to: Route | string, { replace = false } = {}): void {
    const url = typeof to === 'string' ? to : href(to);
    const { history } = this.#browser;
    if (replace) history.replaceState(null, '', url);
    else history.pushState(null, '', url);
    this.#read();
  }

  back(): void {
    this.#browser.history.back();
  }

  /**
   * Call from one click handler on the whole app: turns plain clicks on links
   * of ours into `go`, and leaves all others (new tab, download, foreign) alone.
   */
  follow(click: Click): void {
    if (click.defaultPrevented || click.button !== 0) return;
    if (click.metaKey || click.ctrlKey || click.shiftKey || click.altKey) return;
    const anchor = (click.target as Element | null)?.closest?.('a[href]') as unknown as Anchor | null;
    if (!anchor || anchor.target !== '' || anchor.hasAttribute('download')) return;
    if (anchor.origin !== this.#browser.location.origin || anchor.pathname.startsWith('/api/')) return;
    // A link within the page, such as "Skip to message box".
    if (anchor.hash !== '' && anchor.pathname === this.#browser.location.pathname) return;
    click.preventDefault();
    this.go(anchor.pathname + anchor.hash);
  }

  stop(): void {
    this.#browser.removeEventListener('popstate', this.#read);
  }
}
