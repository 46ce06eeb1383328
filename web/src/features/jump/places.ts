import type { Room } from '../../wire/protocol.ts';

/** Somewhere to go, or something to do. */
export interface Place {
  id: string;
  label: string;
  icon: string;
  hint: string;
  href: string;
  unread: boolean;
}

/** Pages that everybody has, then those of administrators. */
export function pages(admin: boolean): Place[] {
  const of = (href: string, label: string, icon: string, hint: string): Place => ({
    id: href,
    label,
    icon,
    hint,
    href,
    unread: false,
  });
  return [
    of('/rooms', 'All rooms', 'hash', 'Page'),
    of('/settings/account', 'Account', 'user', 'Settings'),
    of('/settings/appearance', 'Appearance', 'sun', 'Settings'),
    of('/settings/sessions', 'Sessions', 'screen', 'Settings'),
    ...(admin
      ? [
          of('/admin/rooms', 'Manage rooms', 'shield', 'Admin'),
          of('/admin/people', 'Manage people', 'users', 'Admin'),
          of('/admin/invites', 'Invite links', 'link', 'Admin'),
          of('/admin/connect', 'Connect', 'screen', 'Admin'),
        ]
      : []),
  ];
}

export function roomPlaces(rooms: readonly Room[], iconOf: (room: Room) => string): Place[] {
  return rooms.map((room) => ({
    id: `room-${room.id}`,
    label: room.name,
    icon: iconOf(room),
    hint: room.archived ? 'Archived' : room.joined ? '' : 'Not joined',
    href: `/rooms/${room.slug}`,
    unread: room.unread > 0,
  }));
}

export interface Match {
  place: Place;
  /** The part of the label that was found; empty range when only words were. */
  from: number;
  to: number;
}

/** The places that fit, best first: whole beginning, then a word's beginning, then initials, then anywhere. */
export function match(places: readonly Place[], query: string, most = 30): Match[] {
  const wanted = query.trim().toLocaleLowerCase();
  const rated = places.flatMap((place) => {
    const found = rate(place.label.toLocaleLowerCase(), wanted);
    return found ? [{ place, ...found, score: found.score + (place.unread ? -0.5 : 0) }] : [];
  });
  return rated.sort((a, b) => a.score - b.score).slice(0, most);
}

function rate(label: string, wanted: string): { score: number; from: number; to: number } | null {
  if (wanted === '') return { score: 0, from: 0, to: 0 };
  const at = label.indexOf(wanted);
  if (at === 0) return { score: 0, from: 0, to: wanted.length };
  if (at > 0) return { score: /[\s_.-]/u.test(label[at - 1]!) ? 1 : 3, from: at, to: at + wanted.length };
  const initials = label
    .split(/[\s_.-]+/u)
    .map((word) => word[0] ?? '')
    .join('');
  return initials.startsWith(wanted) ? { score: 2, from: 0, to: 0 } : null;
}
