import { afterEach, describe, expect, it, vi } from 'vitest';
import { openStore } from '../src/lib/browser.ts';
import { firstNew, group, type Row } from '../src/lib/grouping.ts';
import { linkify, onlyEmoji } from '../src/lib/linkify.ts';
import { href, parseRoute, Router, type Click, type Route } from '../src/lib/router.ts';
import { list } from '../src/lib/strings.ts';
import { dayName } from '../src/lib/time.ts';
import type { Entry } from '../src/state/contract.ts';
import { entryOf } from '../src/state/message.ts';
import type { Message } from '../src/wire/protocol.ts';
import { aMessage, bruno, dana, danaRef } from './fakes.ts';

describe('addresses', () => {
  const addresses: [string, Route][] = [
    ['/', { name: 'home' }],
    ['/rooms', { name: 'rooms' }],
    ['/rooms/launch', { name: 'room', slug: 'launch', seq: null }],
    ['/rooms/a_b-1/12', { name: 'room', slug: 'a_b-1', seq: 12 }],
    ['/settings', { name: 'settings', page: '' }],
    ['/settings/you', { name: 'settings', page: 'you' }],
    ['/admin/rooms', { name: 'admin', page: 'rooms' }],
    ['/join/a%20b', { name: 'join', code: 'a b' }],
    ['/login', { name: 'login' }],
    ['/signup', { name: 'signup' }],
  ];

  it('are read and written alike', () => {
    for (const [path, route] of addresses) {
      expect(parseRoute(path)).toEqual(route);
      expect(href(route)).toBe(path);
    }
  });

  it('hold the set-up token in the fragment, which no server sees', () => {
    expect(parseRoute('/setup', '#token=ab%2Bc')).toEqual({ name: 'setup', token: 'ab+c' });
    expect(parseRoute('/setup')).toEqual({ name: 'setup', token: '' });
    expect(href({ name: 'setup', token: 'ab+c' })).toBe('/setup#token=ab%2Bc');
  });

  it('that are not ours are missing', () => {
    for (const path of ['/rooms/Launch', '/rooms/launch/x', '/rooms/launch/0', '/rooms/a/1/2', '/join', '/nowhere', '/login/x', '/%E0%A4%A', '/settings/a/b']) {
      expect(parseRoute(path).name, path).toBe('missing');
    }
  });
});

describe('the router', () => {
  function browser(pathname: string) {
    const listeners = new Set<() => void>();
    const at = { location: { pathname, hash: '', origin: 'http://x' }, urls: [] as string[] };
    const go = (_data: unknown, _unused: string, url: string) => {
      at.urls.push(url);
      [at.location.pathname = '', at.location.hash = ''] = url.split(/(?=#)/);
    };
    return {
      ...at,
      history: { pushState: go, replaceState: go, back: () => {} },
      addEventListener: (_type: string, listener: () => void) => void listeners.add(listener),
      removeEventListener: (_type: string, listener: () => void) => void listeners.delete(listener),
      pop: (path: string) => {
        at.location.pathname = path;
        for (const listener of listeners) listener();
      },
    };
  }
  const anchor = (part: object) => ({ href: '', origin: 'http://x', pathname: '/rooms', hash: '', target: '', hasAttribute: () => false, ...part });
  const click = (on: object | null, part: Partial<Click> = {}) => ({
    button: 0, defaultPrevented: false, metaKey: false, ctrlKey: false, shiftKey: false, altKey: false,
    target: { closest: () => on } as never, preventDefault: vi.fn(), ...part,
  });

  it('follows history and its own steps', () => {
    const page = browser('/rooms');
    const router = new Router(page);
    router.go({ name: 'room', slug: 'launch', seq: null });
    expect([router.route.value.name, page.urls]).toEqual(['room', ['/rooms/launch']]);
    page.pop('/rooms');
    expect(router.route.value).toEqual({ name: 'rooms' });
  });

  it('takes plain clicks on our links and leaves all others to the browser', () => {
    const router = new Router(browser('/'));
    const plain = click(anchor({}));
    router.follow(plain);
    expect(plain.preventDefault).toHaveBeenCalled();
    expect(router.route.value.name).toBe('rooms');
    const others = [
      click(null),
      click(anchor({}), { ctrlKey: true }),
      click(anchor({}), { button: 1 }),
      click(anchor({}), { defaultPrevented: true }),
      click(anchor({ target: '_blank' })),
      click(anchor({ origin: 'https://elsewhere' })),
      click(anchor({ hasAttribute: () => true })),
      click(anchor({ pathname: '/api/v1/files/1' })),
      click(anchor({ pathname: '/rooms', hash: '#composer' })),
    ];
    for (const other of others) {
      router.follow(other);
      expect(other.preventDefault).not.toHaveBeenCalled();
    }
  });
});

describe('grouping', () => {
  const at = (time: string) => new Date(`2026-11-19T${time}`).toISOString();
  const entry = (seq: number, time: string, part: Partial<Message> = {}) =>
    entryOf(aMessage(seq, { created_at: at(time), ...part }), 0, dana);
  const joined = (seq: number, time: string): Entry => ({
    kind: 'system', id: `system-${seq}`, seq, at: Date.parse(at(time)), event: { type: 'joined', user: bruno, by: bruno },
  });
  const context = { me: 1, newId: null };
  const shape = (rows: readonly Row[]) =>
    rows.map((row) => (row.kind === 'message' ? `${row.id}${row.first ? ' first' : ''}` : row.kind));

  it('puts messages of one person within 5 minutes together', () => {
    const rows = group([entry(1, '09:00'), entry(2, '09:05'), entry(3, '09:10:01'), entry(4, '09:11', { user: bruno })], context);
    expect(shape(rows)).toEqual(['day', '1 first', '2', '3 first', '4 first']);
  });

  it('starts anew after a day, a line, the New line, a reply and a mention of me', () => {
    const mention = [{ t: 'mention' as const, text: '@dana' }];
    const entries = [
      entry(1, '09:00'), joined(2, '09:00'), entry(3, '09:01'), entry(4, '09:02'),
      entry(5, '09:03', { reply_to: 1 }), entry(6, '09:04', { rich: mention }), entry(7, '09:04'),
    ];
    expect(shape(group(entries, { ...context, newId: '4' }))).toEqual([
      'day', '1 first', 'system', '3 first', 'new', '4 first', '5 first', '6 first', '7',
    ]);
    const days = [entry(1, '09:00'), entryOf(aMessage(2, { created_at: '2026-11-21T09:01:00Z' }), 0, dana)];
    expect(shape(group(days, context))).toEqual(['day', '1 first', 'day', '2 first']);
  });

  it('folds runs of the same line into one', () => {
    const rows = group([joined(1, '09:00'), joined(2, '09:01'), entry(3, '09:02')], context);
    expect(shape(rows)).toEqual(['day', 'system', '3 first']);
    expect(rows[1]).toMatchObject({ entries: [{ seq: 1 }, { seq: 2 }] });
  });

  it('continues what stands before a slice', () => {
    expect(shape(group([entry(2, '09:01')], { ...context, before: entry(1, '09:00') }))).toEqual(['2']);
  });

  it('counts a pending message as mine', () => {
    const mine = entry(1, '09:00', { user: danaRef, key: 'a' });
    const item = { key: 'b', room: 7, text: '', replyTo: null, at: 0, phase: 'waiting' as const, problem: null };
    const rows = group([mine, { kind: 'pending', id: 'b', at: Date.parse(at('09:01')), item }], context);
    expect(shape(rows)).toEqual(['day', 'a first', 'b']);
  });

  it('gives the same rows for what did not change', () => {
    const entries = [entry(1, '09:00'), joined(2, '09:00'), entry(3, '09:01')];
    const before = group(entries, context);
    const after = group([...entries, entry(4, '09:02')], context, before);
    expect(after.slice(0, before.length).every((row, i) => row === before[i])).toBe(true);
    const changed = group([entry(1, '09:00', { text: 'x' }), ...entries.slice(1)], context, before);
    expect(changed.map((row, i) => row === before[i])).toEqual([true, false, true, true]);
  });

  it("places the New line above the first message of somebody else", () => {
    const entries = [entry(1, '09:00'), entry(2, '09:01', { user: danaRef }), joined(3, '09:02'), entry(4, '09:03'), entry(5, '09:04')];
    expect(firstNew(entries, 1, 1)).toBe('4');
    expect(firstNew(entries, 5, 1)).toBeNull();
    expect(firstNew(entries, null, 1)).toBeNull();
  });
});

describe('unconfirmed text', () => {
  it('shows links, mentions and line breaks, and nothing else', () => {
    expect(linkify('see https://a.example/x?y=1.\n(@ada, *not bold*) <b>')).toEqual([
      { t: 'text', text: 'see ' },
      { t: 'link', href: 'https://a.example/x?y=1', c: [{ t: 'text', text: 'https://a.example/x?y=1' }] },
      { t: 'text', text: '.' },
      { t: 'br' },
      { t: 'text', text: '(' },
      { t: 'mention', text: '@ada' },
      { t: 'text', text: ', *not bold*) <b>' },
    ]);
  });

  it('never makes a link of another scheme, or a mention of an address', () => {
    expect(linkify('javascript:alert(1) me@here.example')).toEqual([{ t: 'text', text: 'javascript:alert(1) me@here.example' }]);
  });

  it('loses no character', () => {
    const text = 'a\n\n@b https://c.d/e, @@f http:// (https://g.h/i)\n';
    const said = (nodes: ReturnType<typeof linkify>): string =>
      nodes.map((node) => (node.t === 'br' ? '\n' : node.text ?? said(node.c ?? []))).join('');
    expect(said(linkify(text))).toBe(text);
  });

  it('knows one to three emoji', () => {
    for (const text of ['👍', '👍🏽 🎉', '👩‍👩‍👧‍👦❤️', '🇩🇪']) expect(onlyEmoji(text), text).toBe(true);
    for (const text of ['', '1', 'a👍', '👍👍👍👍', '#']) expect(onlyEmoji(text), text).toBe(false);
  });
});

describe('words', () => {
  it('names several people as people do', () => {
    expect(list(['Ada', 'Bruno', 'Chen'])).toBe('Ada, Bruno, and Chen');
  });

  it('names days by their distance', () => {
    const now = Date.parse('2026-11-19T12:00:00');
    expect(dayName(Date.parse('2026-11-19T00:00:00'), now)).toBe('Today');
    expect(dayName(Date.parse('2026-11-18T23:59:00'), now)).toBe('Yesterday');
    expect(dayName(Date.parse('2026-11-12T12:00:00'), now)).toBe('Thursday, November 12');
    expect(dayName(Date.parse('2025-11-12T12:00:00'), now)).toBe('Wednesday, November 12, 2025');
  });
});

describe('storage that the browser refuses', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('lives as long as the page', () => {
    const refused = openStore(() => {
      throw new DOMException('denied', 'SecurityError');
    });
    refused.write('a:1', 'x');
    expect([refused.read('a:1'), refused.names('a:')]).toEqual(['x', ['a:1']]);
    refused.remove('a:1');
    expect(refused.read('a:1')).toBeNull();
  });

  it('keeps in memory what does not fit any more', () => {
    const full = { getItem: () => 'old', setItem: () => { throw new DOMException('full', 'QuotaExceededError'); }, removeItem: () => {} };
    const store = openStore(() => full as unknown as Storage);
    store.write('a', 'new');
    expect(store.read('a')).toBe('new');
  });
});
