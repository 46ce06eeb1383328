import { useState } from 'preact/hooks';
import { n } from '../../lib/strings.ts';
import { Button } from '../../ui/button.tsx';
import { Segmented } from '../../ui/choice.tsx';
import { EmptyState, SkeletonRows } from '../../ui/empty.tsx';
import { Icon } from '../../ui/icon.tsx';
import { openOverlay } from '../../ui/overlay.ts';
import type { Room } from '../../wire/protocol.ts';
import { useIsAdmin, useParley } from '../context.ts';
import { sayFailure } from '../problems.ts';
import { RoomRow } from './room-row.tsx';

type Show = 'all' | 'joined' | 'other';

const SHOWS = [
  { value: 'all', label: 'All' },
  { value: 'joined', label: 'Joined' },
  { value: 'other', label: 'Not joined' },
] as const;

/** All rooms that I may see, to choose and join. */
export function RoomsPage() {
  const { rooms } = useParley();
  const admin = useIsAdmin();
  const [find, setFind] = useState('');
  const [show, setShow] = useState<Show>('all');
  const open = rooms.all.value.filter((room) => !room.archived);
  const found = open.filter((room) => fits(room, find, show));
  return (
    <div class="page scroll grow">
      <div class="inner">
        <div class="page-top">
          <div>
            <h1>All rooms</h1>
            {open.length > 0 && <p>{n('rooms.youMayJoin', open.length)}</p>}
          </div>
          <span class="sp" />
          {admin && (
            <Button kind="primary" icon="plus" onClick={() => openOverlay('new-room')}>
              New room
            </Button>
          )}
        </div>
        {open.length > 0 && (
          <div class="filters" role="search">
            <div class="in-ic">
              <Icon name="search" />
              <input
                class="in"
                type="search"
                placeholder="Find a room"
                aria-label="Find a room"
                value={find}
                onInput={(event) => setFind(event.currentTarget.value)}
              />
            </div>
            <Segmented label="Show" options={SHOWS} value={show} onValue={setShow} />
          </div>
        )}
        <Found rooms={found} any={open.length > 0} />
      </div>
    </div>
  );
}

function Found({ rooms, any }: { rooms: Room[]; any: boolean }) {
  const state = useParley().rooms;
  const failed = state.failure.value;
  if (failed && !any) {
    return (
      <EmptyState
        bad
        icon="retry"
        title="Rooms didn’t load"
        actions={<Button onClick={() => void state.load()}>Try again</Button>}
      >
        <p>{sayFailure(failed)}</p>
      </EmptyState>
    );
  }
  if (state.status.value !== 'ready' && !any) return <SkeletonRows count={5} label="Loading rooms" />;
  if (!any) return <NoRooms />;
  if (rooms.length === 0) return <EmptyState icon="search" title="No room fits" />;
  return (
    <ul class="rooms-list card" aria-label="All rooms">
      {rooms.map((room) => (
        <RoomRow key={room.id} room={room} />
      ))}
    </ul>
  );
}

function NoRooms() {
  const admin = useIsAdmin();
  return (
    <EmptyState icon="hash" title="There are no rooms yet">
      <p>
        {admin
          ? 'Make the first one. Everybody can find and join open rooms.'
          : 'An administrator makes rooms. They will appear here.'}
      </p>
    </EmptyState>
  );
}

function fits(room: Room, find: string, show: Show): boolean {
  if (show !== 'all' && room.joined !== (show === 'joined')) return false;
  const wanted = find.trim().toLocaleLowerCase();
  return [room.name, room.slug, room.topic].some((text) => text.toLocaleLowerCase().includes(wanted));
}
