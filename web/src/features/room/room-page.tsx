import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { SkeletonRows } from '../../ui/empty.tsx';
import type { Room } from '../../wire/protocol.ts';
import { useApp } from '../context.ts';
import { MessageList } from './message-list.tsx';
import { RoomHeader } from './room-header.tsx';
import { RoomGone } from './room-states.tsx';

interface RoomPageProps {
  slug: string;
  seq: number | null;
  panelOpen: boolean;
  onPanel: () => void;
  /** What stands below the messages: the composer, or Join. */
  below: (room: Room) => ComponentChildren;
  banner: ComponentChildren;
}

/** A room: header, connection banner, messages, and what stands below them. */
export function RoomPage({ slug, seq, panelOpen, onPanel, below, banner }: RoomPageProps) {
  const { parley } = useApp();
  const room = parley.rooms.bySlug(slug);
  const me = parley.session.user.value;
  const id = room?.id ?? null;
  useOpenPlace(id, seq);
  useMembers(id);
  if (!me) return null;
  if (!room)
    return parley.rooms.status.value === 'ready' ? <RoomGone main /> : <SkeletonRows label="Loading the room" />;
  return (
    <>
      <RoomHeader room={room} panelOpen={panelOpen} onPanel={onPanel} />
      {banner}
      <MessageList key={room.id} room={room} me={me} seq={seq} />
      {below(room)}
    </>
  );
}

function useOpenPlace(id: number | null, seq: number | null): void {
  const { place } = useApp().parley;
  useEffect(() => {
    if (id === null) place.close();
    else place.open(id, seq ?? undefined);
  }, [id]);
  useEffect(() => () => place.close(), []);
}

/** The room's people: fetched on opening, and again when somebody came or went. */
function useMembers(id: number | null): void {
  const { members, parley } = useApp();
  const moves = id === null ? 0 : comingsAndGoings(parley.timeline(id).entries.value);
  useEffect(() => {
    if (id !== null) members.load(id).catch(() => undefined);
  }, [id, moves]);
}

function comingsAndGoings(entries: readonly { kind: string }[]): number {
  return entries.reduce((sum, entry) => sum + (entry.kind === 'system' ? 1 : 0), 0);
}
