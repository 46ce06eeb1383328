// The parts of the screens that are plain functions.
import { expect, it } from 'vitest';
import { Members } from '../src/features/members.ts';
import { slugFrom } from '../src/features/browse/slug.ts';
import { applyMention, mentionAt, people } from '../src/features/composer/mention.ts';
import { match, type Place } from '../src/features/jump/places.ts';
import { initials } from '../src/ui/avatar.tsx';
import { findEmoji, GROUPS } from '../src/ui/emoji/list.ts';
import { sameProps } from '../src/ui/memo.ts';
import { applyFormat, inOpenCodeBlock, insertText } from '../src/ui/text-format.ts';

it('makes an address from a name with accents, signs and spaces', () => {
  expect(slugFrom('Café & Löwe')).toBe('cafe-lowe');
  expect(slugFrom('  --Launch 2026!  ')).toBe('launch-2026');
});

it('makes no address of digits alone, and none from signs alone', () => {
  expect(slugFrom('2026')).toBe('room-2026');
  expect(slugFrom('★★★')).toBe('');
});

it('cuts an address at 64 characters', () => {
  expect(slugFrom('x'.repeat(100))).toHaveLength(64);
});

it('wraps a selection in marks, and takes them away again', () => {
  const bold = applyFormat({ text: 'say it loud', start: 4, end: 6 }, 'bold');
  expect(bold).toEqual({ text: 'say **it** loud', start: 6, end: 8 });
  expect(applyFormat(bold, 'bold')).toEqual({ text: 'say it loud', start: 4, end: 6 });
});

it('makes a link with its address selected', () => {
  const link = applyFormat({ text: 'see docs', start: 4, end: 8 }, 'link');
  expect(link.text).toBe('see [docs](https://)');
  expect(link.text.slice(link.start, link.end)).toBe('https://');
});

it('puts the caret behind inserted text', () => {
  expect(insertText({ text: 'ab', start: 1, end: 1 }, '🎉')).toEqual({ text: 'a🎉b', start: 3, end: 3 });
});

it('knows an open code block from a closed one', () => {
  expect(inOpenCodeBlock('```go\nx', 7)).toBe(true);
  expect(inOpenCodeBlock('```\nx\n```\ny', 11)).toBe(false);
});

it('sees a mention being written only after a space, a bracket or the beginning', () => {
  expect(mentionAt({ text: 'hi @Ha', start: 6, end: 6 })).toBe('ha');
  expect(mentionAt({ text: '@', start: 1, end: 1 })).toBe('');
  expect(mentionAt({ text: 'mail@ha', start: 7, end: 7 })).toBeNull();
  expect(mentionAt({ text: 'hi @ha', start: 3, end: 6 })).toBeNull();
});

it('completes a mention and keeps what stands behind it', () => {
  expect(applyMention({ text: 'hi @ha there', start: 6, end: 6 }, 'hana')).toEqual({
    text: 'hi @hana there',
    start: 9,
    end: 9,
  });
});

it('suggests people by the beginning of any of their names, never me', () => {
  const all = [
    { id: 1, username: 'hana', name: 'Hana Sato' },
    { id: 2, username: 'sam', name: 'Sam Hart' },
    { id: 3, username: 'harry', name: 'Harry' },
  ];
  expect(people(all, 'ha', 3).map((one) => one.id)).toEqual([1, 2]);
});

it('finds places by beginning first, then by word, then by initials', () => {
  const place = (label: string): Place => ({ id: label, label, icon: '', hint: '', href: '', unread: false });
  const all = ['random design', 'design', 'dev engineering', 'founders'].map(place);
  expect(match(all, 'de').map((one) => one.place.label)).toEqual([
    'design',
    'dev engineering',
    'random design',
    'founders',
  ]);
  expect(match(all, 'rd').map((one) => one.place.label)).toEqual(['random design']);
});

it('writes two initials, of any script', () => {
  expect(initials('Ada Obi')).toBe('AO');
  expect(initials('ada')).toBe('AD');
  expect(initials('李 雷')).toBe('李雷');
  expect(initials('')).toBe('?');
});

it('finds emoji by the beginning of their words, named ones first', () => {
  expect(findEmoji('rocket')[0]?.[0]).toBe('🚀');
  expect(findEmoji('thumbs up')[0]?.[0]).toBe('👍');
  expect(findEmoji('zzzz')).toEqual([]);
});

it('offers every emoji once', () => {
  const signs = GROUPS.flatMap((group) => group.emoji.map(([sign]) => sign));
  expect(new Set(signs).size).toBe(signs.length);
});

it('compares props by identity', () => {
  const row = {};
  expect(sameProps({ row, at: 1 }, { row, at: 1 })).toBe(true);
  expect(sameProps({ row }, { row: {} })).toBe(false);
});

it('keeps a room’s people true while their list is under way, and after', async () => {
  const [ada, bruno, chen] = ['Ada', 'Bruno', 'Chen'].map((name, id) => ({ id, username: name.toLowerCase(), name }));
  let give = (_members: object) => {};
  const members = new Members({ members: () => new Promise((resolve) => (give = resolve as never)) });
  const names = () => members.of(7).value?.map(({ name }) => name);
  const loaded = members.load(7);
  members.moved(7, chen!, true);
  members.moved(7, ada!, false);
  give({ members: [bruno, ada] });
  await loaded;
  expect(names()).toEqual(['Bruno', 'Chen']);
  members.moved(7, ada!, true);
  members.moved(7, bruno!, false);
  expect(names()).toEqual(['Ada', 'Chen']);
});
