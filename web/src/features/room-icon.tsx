import { Icon } from '../ui/icon.tsx';
import type { Room } from '../wire/protocol.ts';

/** The sign of a room: open, private or archived. The text beside it says so too where it matters. */
export function RoomIcon({ room, small }: { room: Pick<Room, 'private' | 'archived'>; small?: boolean }) {
  return <Icon name={roomIcon(room)} small={small} />;
}

export function roomIcon(room: Pick<Room, 'private' | 'archived'>): string {
  if (room.archived) return 'archive';
  return room.private ? 'lock' : 'hash';
}
