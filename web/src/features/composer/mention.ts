import type { Selected } from '../../ui/text-format.ts';
import type { UserRef } from '../../wire/protocol.ts';

const MOST = 6;
const MENTION = /(?:^|[\s(])@([\p{L}\p{N}._@+-]{0,64})$/u;

/** What stands between an @ and the caret, in lower case; null where no mention is being written. */
export function mentionAt({ text, start, end }: Selected): string | null {
  if (start !== end) return null;
  return MENTION.exec(text.slice(0, start))?.[1]?.toLocaleLowerCase() ?? null;
}

/** People whose name, or a word of it, or user name begins with the query. Never me. */
export function people(all: readonly UserRef[], query: string, me: number): UserRef[] {
  const fits = (one: UserRef) =>
    [one.username, ...one.name.split(/\s+/u)].some((word) => word.toLocaleLowerCase().startsWith(query));
  return all.filter((one) => one.id !== me && fits(one)).slice(0, MOST);
}

/** Completes the mention before the caret and puts a space behind it. */
export function applyMention({ text, start, end }: Selected, username: string): Selected {
  const from = text.lastIndexOf('@', start - 1);
  const added = `@${username} `;
  const rest = text.slice(end).replace(/^ /u, '');
  const caret = from + added.length;
  return { text: text.slice(0, from) + added + rest, start: caret, end: caret };
}
