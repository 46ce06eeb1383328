import { effect } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { SkeletonRows } from '../../ui/empty.tsx';
import type { Entry, SystemEvent, TimelineState } from '../../state/contract.ts';
import type { Room, UserRef } from '../../wire/protocol.ts';
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

/** The room's people: fetched after its messages, so that those come first; then comings and goings are told. */
function useMembers(id: number | null): void {
  const { members, parley } = useApp();
  const ready = id !== null && parley.timeline(id).status.value === 'ready';
  useEffect(() => {
    if (id === null || !ready) return;
    const frame = requestAnimationFrame(() => setTimeout(() => members.load(id).catch(() => undefined)));
    const stop = tellMoves(parley.timeline(id), (user, here) => members.moved(id, user, here));
    return () => {
      cancelAnimationFrame(frame);
      stop();
    };
  }, [id, ready]);
}

/** Calls back for everybody who comes or goes from now on, until the answer is called. */
function tellMoves({ entries }: TimelineState, tell: (user: UserRef, here: boolean) => void): () => void {
  let told = newest(entries.peek());
  return effect(() => {
    const moves: SystemEvent[] = [];
    for (let i = entries.value.length - 1; i >= 0; i--) {
      const entry = entries.value[i]!;
      if (entry.kind !== 'pending' && entry.seq <= told) break;
      if (entry.kind === 'system') moves.unshift(entry.event);
    }
    told = Math.max(told, newest(entries.value));
    for (const move of moves) if (move.type === 'joined' || move.type === 'left') tell(move.user, move.type === 'joined');
  });
}

function newest(entries: readonly Entry[]): number {
  return entries.findLast((entry) => entry.kind !== 'pending')?.seq ?? 0;
}
