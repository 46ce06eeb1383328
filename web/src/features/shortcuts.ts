// The keys that work anywhere in the app, and the table that people read.
import { altKey, hasMod, modKey, typesText } from '../ui/keys.ts';
import { closeOverlay, openOverlay, overlay } from '../ui/overlay.ts';
import type { AppParts } from './context.ts';

interface Shortcut {
  keys: readonly string[];
  says: string;
  /** Missing where the part that has the focus handles it. */
  fits?: (event: KeyboardEvent) => boolean;
  act?: (app: AppParts) => void;
}

const mod =
  (key: string, shift = false) =>
  (event: KeyboardEvent) =>
    hasMod(event) && !event.altKey && event.shiftKey === shift && event.key.toLowerCase() === key;
const alt = (key: string, shift: boolean) => (event: KeyboardEvent) =>
  event.altKey && !hasMod(event) && event.shiftKey === shift && event.key === key;

export const SHORTCUTS: readonly Shortcut[] = [
  {
    keys: [modKey('K')],
    says: 'Jump to a room or page',
    fits: mod('k'),
    act: () => (overlay.value?.name === 'jump' ? closeOverlay() : openOverlay('jump')),
  },
  {
    keys: [altKey('↑'), altKey('↓')],
    says: 'Previous, next room',
    fits: alt('ArrowUp', false),
    act: (app) => step(app, -1, false),
  },
  {
    keys: [altKey('Shift ↑'), altKey('Shift ↓')],
    says: 'Previous, next unread room',
    fits: alt('ArrowUp', true),
    act: (app) => step(app, -1, true),
  },
  {
    keys: [modKey('.')],
    says: 'Open or close room details',
    fits: mod('.'),
    act: () => document.querySelector<HTMLElement>('[data-details]')?.click(),
  },
  { keys: ['Esc'], says: 'Close what is open, else mark the room read' },
  {
    keys: ['Shift Esc'],
    says: 'Mark all rooms read',
    fits: (event) => event.key === 'Escape' && event.shiftKey,
    act: ({ parley }) => parley.place.markAllRead(),
  },
  { keys: ['↑'], says: 'Edit my last message (in an empty message box)' },
  { keys: ['Shift Tab'], says: 'From the message box to the newest message' },
  { keys: ['↑', '↓', 'Home', 'End'], says: 'Move between messages' },
  { keys: ['E', 'R', 'Del', '+'], says: 'On a message: edit, reply, delete, react' },
  { keys: ['Enter', 'Esc'], says: 'On a message: its actions; back to the message box' },
  {
    keys: ['F6', 'Shift F6'],
    says: 'Next, previous part of the page',
    fits: (event) => event.key === 'F6',
    act: () => undefined,
  },
  { keys: [modKey('/')], says: 'This list', fits: mod('/'), act: () => openOverlay('shortcuts') },
];

/** Handles a key press on the page; what a part handled itself does not come here. */
export function appKeys(event: KeyboardEvent, app: AppParts): void {
  if (event.defaultPrevented || event.isComposing) return;
  if (event.key === 'F6') return regions(event);
  if (alt('ArrowDown', false)(event) || alt('ArrowDown', true)(event)) {
    event.preventDefault();
    return step(app, 1, event.shiftKey);
  }
  const hit = SHORTCUTS.find((one) => one.act && one.fits?.(event));
  if (hit) {
    event.preventDefault();
    hit.act?.(app);
  } else if (event.key === 'Escape' && !overlay.value && !typesText(event.target)) app.parley.place.markRead();
}

function step({ parley, router }: AppParts, by: number, unread: boolean): void {
  const route = router.route.peek();
  const here = route.name === 'room' ? route.slug : null;
  const mine = parley.rooms.mine.peek();
  const rooms = unread ? mine.filter((room) => room.unread > 0 || room.slug === here) : mine;
  const at = rooms.findIndex((room) => room.slug === here);
  const next = rooms[at < 0 ? (by > 0 ? 0 : rooms.length - 1) : (at + by + rooms.length) % rooms.length];
  if (next) router.go(`/rooms/${next.slug}`);
}

function regions(event: KeyboardEvent): void {
  event.preventDefault();
  const all = [...document.querySelectorAll<HTMLElement>('[data-region]')].filter((one) => one.offsetParent !== null);
  const at = all.findIndex((one) => one.contains(document.activeElement));
  const next = all[(at + (event.shiftKey ? -1 : 1) + all.length) % all.length];
  next?.focus();
}
