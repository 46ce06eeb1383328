import { describe, expect, it } from 'vitest';
import type { Entry } from '../src/state/contract.ts';
import * as win from '../src/state/window.ts';
import { entryOf } from '../src/state/message.ts';
import { aMessage, dana } from './fakes.ts';

const entries = (from: number, to: number): Entry[] =>
  Array.from({ length: to - from + 1 }, (_, i) => entryOf(aMessage(from + i), 0, dana));
const pending = { kind: 'pending', id: 'p', at: 0, item: {} } as Entry;

describe('the window', () => {
  it('opens with 60 at the end, or around a message', () => {
    expect(win.openAtEnd(1000)).toEqual({ from: 940, to: 1000 });
    expect(win.openAtEnd(12)).toEqual({ from: 0, to: 12 });
    expect(win.openAround(500, 1000)).toEqual({ from: 470, to: 530 });
    expect(win.openAround(3, 1000)).toEqual({ from: 0, to: 60 });
    expect(win.openAround(999, 1000)).toEqual({ from: 940, to: 1000 });
  });

  it('grows by 50 at an edge, and never above 600: the other edge gives way', () => {
    expect(win.extend({ from: 500, to: 560 }, 'up', 1000)).toEqual({ from: 450, to: 560 });
    expect(win.extend({ from: 20, to: 80 }, 'up', 1000)).toEqual({ from: 0, to: 80 });
    expect(win.extend({ from: 300, to: 880 }, 'up', 1000)).toEqual({ from: 250, to: 850 });
    expect(win.extend({ from: 100, to: 690 }, 'down', 1000)).toEqual({ from: 140, to: 740 });
    expect(win.extend({ from: 900, to: 990 }, 'down', 1000)).toEqual({ from: 900, to: 1000 });
  });

  it('is trimmed to 200 around what is seen, within itself', () => {
    expect(win.trim({ from: 100, to: 290 }, 150, 160)).toEqual({ from: 100, to: 290 });
    expect(win.trim({ from: 0, to: 600 }, 290, 310)).toEqual({ from: 200, to: 400 });
    expect(win.trim({ from: 0, to: 600 }, 590, 599)).toEqual({ from: 400, to: 600 });
    expect(win.trim({ from: 100, to: 600 }, 100, 110)).toEqual({ from: 100, to: 300 });
  });

  it('stays on the same entries when older ones come before', () => {
    const at = win.relocate({ from: 0, to: 50 }, entries(51, 100), entries(1, 100), false);
    expect(at).toEqual({ from: 50, to: 100 });
  });

  it('stays when new ones come, unless it follows', () => {
    const [before, after] = [entries(1, 100), entries(1, 110)];
    expect(win.relocate({ from: 40, to: 100 }, before, after, false)).toEqual({ from: 40, to: 100 });
    expect(win.relocate({ from: 40, to: 100 }, before, after, true)).toEqual({ from: 40, to: 110 });
    expect(win.relocate({ from: 0, to: 100 }, before, entries(1, 700), true)).toEqual({ from: 100, to: 700 });
  });

  it('stays around when its first and last entries are gone', () => {
    const after = entries(1, 100).filter((_, i) => i !== 39 && i !== 59);
    expect(win.relocate({ from: 39, to: 60 }, entries(1, 100), after, false)).toEqual({ from: 39, to: 58 });
  });

  it('keeps a pending message while the confirmed ones change', () => {
    const at = win.relocate({ from: 0, to: 11 }, [...entries(1, 10), pending], [...entries(1, 12), pending], false);
    expect(at).toEqual({ from: 0, to: 13 });
  });

  it('opens anew when everything is new', () => {
    expect(win.relocate({ from: 0, to: 0 }, [], entries(1, 100), false)).toEqual({ from: 40, to: 100 });
    expect(win.relocate({ from: 0, to: 50 }, entries(1, 50), entries(200, 300), false)).toEqual({ from: 41, to: 101 });
  });

  it('finds messages by seq', () => {
    const list = entries(10, 20);
    expect([win.indexOf(list, 10), win.indexOf(list, 20), win.indexOf(list, 21), win.indexOf(list, 9)]).toEqual([0, 10, -1, -1]);
  });
});

describe('place keeping', () => {
  it('finds the first row in view by few measurements', () => {
    let measured = 0;
    const bottomOf = (row: number) => (measured++, (row + 1) * 40);
    expect(win.firstVisible(600, bottomOf, 4000)).toBe(100);
    expect(measured).toBeLessThanOrEqual(10);
    expect(win.firstVisible(600, bottomOf, 99_999)).toBe(600);
  });

  it('gives back exactly what the anchor moved', () => {
    const anchor = { id: 'a', offset: 12.25 };
    expect(win.correction(anchor, 52.75)).toBe(40.5);
    expect(win.correction(anchor, 12.25)).toBe(0);
    expect(win.correction(anchor, 2)).toBe(-10.25);
  });

  it('wants more when less than two viewports remain, above first', () => {
    expect(win.edgeNeeded(1999, 0, 1000)).toBe('up');
    expect(win.edgeNeeded(2000, 1999, 1000)).toBe('down');
    expect(win.edgeNeeded(2000, 2000, 1000)).toBeNull();
  });

  it('follows within 40 px of the end, else a pill says why not', () => {
    expect([win.isFollowing(40), win.isFollowing(41)]).toEqual([true, false]);
    expect(win.pill(30, 800, 3)).toBe('none');
    expect(win.pill(300, 800, 3)).toBe('new');
    expect(win.pill(300, 800, 0)).toBe('none');
    expect(win.pill(1601, 800, 3)).toBe('latest');
  });
});
