import type { MessageEntry } from '../../state/contract.ts';
import { hasMod, typesText } from '../../ui/keys.ts';
import type { ListHands } from './list-hands.tsx';
import type { Deeds } from './message-deeds.ts';

const PAGE = 10;

const MOVES: Record<string, (at: number, count: number) => number> = {
  ArrowUp: (at) => at - 1,
  ArrowDown: (at) => at + 1,
  PageUp: (at) => at - PAGE,
  PageDown: (at) => at + PAGE,
  Home: () => 0,
  End: (_, count) => count - 1,
};

type Command = (entry: MessageEntry, deeds: Deeds, row: HTMLElement) => boolean;

const COMMANDS: Record<string, Command> = {
  e: (entry, deeds) => deeds.mayEdit(entry) && (deeds.edit(entry), true),
  r: (entry, deeds) => deeds.canWrite && (deeds.reply(entry), true),
  Delete: (entry, deeds) => deeds.mayRemove(entry) && (deeds.remove(entry), true),
  '+': (entry, deeds, row) => deeds.canWrite && (deeds.pick(entry, row), true),
};

/** Keys on the list. Single letters act only while a message itself has the focus. */
export function listKeys(event: KeyboardEvent, hands: ListHands): void {
  const row = event.target as HTMLElement;
  if (typesText(row)) return;
  if (event.key === 'Escape') return void (row.closest('.log') && backToComposer(event));
  if (!row.matches('.log-block > .msg') || hasMod(event) || event.altKey) return;
  const move = MOVES[event.key];
  if (move) return moveTo(event, row, move);
  if (event.key === 'Enter') return openTools(event, hands, row);
  const entry = hands.entryOf(row);
  if (entry && COMMANDS[event.key]?.(entry, hands.deeds, row)) return event.preventDefault();
  // Any other letter is meant for the composer: it gets the key press itself.
  if (event.key.length === 1 && !COMMANDS[event.key]) focusComposer();
}

function moveTo(event: KeyboardEvent, row: HTMLElement, move: (at: number, count: number) => number): void {
  const rows = [...(row.parentElement?.querySelectorAll<HTMLElement>(':scope > .msg') ?? [])];
  const to = Math.min(Math.max(0, move(rows.indexOf(row), rows.length)), rows.length - 1);
  event.preventDefault();
  if (rows[to] === row && event.key === 'ArrowDown') return focusComposer();
  rows[to]?.focus({ preventScroll: true });
  rows[to]?.scrollIntoView({ block: 'nearest' });
}

function openTools(event: KeyboardEvent, hands: ListHands, row: HTMLElement): void {
  event.preventDefault();
  hands.showTools(row);
  requestAnimationFrame(() => row.closest('.log-inner')?.querySelector<HTMLElement>('[data-acts] button')?.focus());
}

function backToComposer(event: KeyboardEvent): void {
  event.preventDefault();
  event.stopPropagation();
  focusComposer();
}

function focusComposer(): void {
  document.querySelector<HTMLElement>('#composer textarea')?.focus();
}
