// How events change a message. Messages are replaced, never changed.
import type { Message, Reaction, RichNode, UserRef } from '../wire/protocol.ts';
import type { MessageEntry } from './contract.ts';

/** An entry, and up to which event of the room it is true. */
export interface StoredMessage extends MessageEntry {
  readonly asOf: number;
}

// As many people as the server names beside a reaction.
const named = 8;

/** Who I am, as messages name people. */
export interface Me {
  id: number;
  username: string;
}

export function entryOf(message: Message, asOf: number, me: Me, unconfirmed = false): StoredMessage {
  return Object.freeze({
    kind: 'message',
    // A row of mine keeps the id that it had while pending.
    id: message.user.id === me.id && message.key !== '' ? message.key : String(message.seq),
    seq: message.seq,
    message: Object.freeze(message),
    at: Date.parse(message.created_at),
    mentionsMe: message.user.id !== me.id && mentions(message, me),
    unconfirmed,
    asOf,
  });
}

/** Whether the text names me. */
export function mentions({ rich }: Message, me: Me): boolean {
  return rich !== undefined && rich.some((node) => namesMe(node, me));
}

function namesMe(node: RichNode, me: Me): boolean {
  if (node.t === 'mention') return node.user === me.id || sameName(node.text ?? '', me.username);
  return node.c !== undefined && node.c.some((child) => namesMe(child, me));
}

function sameName(mention: string, username: string): boolean {
  return fold(mention.replace(/^@/, '')) === fold(username);
}

function fold(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}

/** The message after an edit; events do not say which reactions are mine. */
export function edited(old: Message, now: Message): Message {
  if (now.reactions === undefined) return now;
  const mine = new Set(old.reactions?.filter((one) => one.mine).map((one) => one.emoji));
  return { ...now, reactions: now.reactions.map((one) => ({ ...one, mine: mine.has(one.emoji) })) };
}

export function deleted(old: Message, at: string): Message {
  const { rich: _rich, reactions: _reactions, edited_at: _edited, ...rest } = old;
  return { ...rest, text: '', deleted_at: at };
}

/** The message with one more, or one less, reaction; the same if nothing changes. */
export function reacted(old: Message, emoji: string, user: UserRef, on: boolean, me: number): Message {
  const before = old.reactions ?? [];
  const at = before.findIndex((one) => one.emoji === emoji);
  const was = before[at];
  if (user.id === me && (was?.mine === true) === on) return old;
  if (was === undefined && !on) return old;
  const now = on ? withUser(was, emoji, user, me) : withoutUser(was!, user, me);
  const after = at < 0 ? [...before, now] : before.map((one, i) => (i === at ? now : one));
  return { ...old, reactions: after.filter((one) => one.count > 0) };
}

function withUser(was: Reaction | undefined, emoji: string, user: UserRef, me: number): Reaction {
  const users = was?.users ?? [];
  return {
    emoji,
    count: (was?.count ?? 0) + 1,
    users: users.length < named ? [...users, user] : users,
    mine: was?.mine === true || user.id === me,
  };
}

function withoutUser(was: Reaction, user: UserRef, me: number): Reaction {
  return {
    ...was,
    count: was.count - 1,
    users: was.users.filter((other) => other.id !== user.id),
    mine: was.mine === true && user.id !== me,
  };
}
