import { useEffect, useMemo, useState } from 'preact/hooks';
import { resource } from '../../lib/resource.ts';
import { n } from '../../lib/strings.ts';
import { Segmented } from '../../ui/choice.tsx';
import { ConfirmDialog } from '../../ui/dialog.tsx';
import { EmptyState, SkeletonRows } from '../../ui/empty.tsx';
import { openOverlay } from '../../ui/overlay.ts';
import type { Room } from '../../wire/protocol.ts';
import { useParley } from '../context.ts';
import { AdminHead, Filters } from './admin-head.tsx';
import type { AdminPageProps } from './admin-screen.tsx';
import { RoomCards, RoomTable } from './room-table.tsx';
import { RoomInspector } from './room-inspector.tsx';

type Show = 'all' | 'open' | 'private' | 'archived';

const SHOWS = [
  { value: 'all', label: 'All' },
  { value: 'open', label: 'Open' },
  { value: 'private', label: 'Private' },
  { value: 'archived', label: 'Archived' },
] as const;

const FITS: Record<Show, (room: Room) => boolean> = {
  all: () => true,
  open: (room) => !room.private && !room.archived,
  private: (room) => room.private && !room.archived,
  archived: (room) => room.archived,
};

/** Every room, archived ones too; a row opens the inspector. */
export function RoomsPage({ inspect }: AdminPageProps) {
  const { rooms } = useParley();
  const [find, setFind] = useState('');
  const [show, setShow] = useState<Show>('all');
  const { chosen, choose, dialog } = useChosen(inspect);
  const all = rooms.all.value;
  const people = usePeople(all);
  const wanted = find.trim().toLocaleLowerCase();
  const found = all.filter(
    (room) => FITS[show](room) && `${room.name} ${room.slug} ${room.topic}`.toLocaleLowerCase().includes(wanted),
  );
  const secret = all.filter((room) => room.private).length;
  return (
    <div class="page scroll grow">
      <AdminHead
        title="Rooms"
        lead={`${n('admin.rooms', all.length)}${secret > 0 ? ` ${secret} of them private.` : ''}`}
        action={{ label: 'New room', act: () => openOverlay('new-room') }}
      />
      <Filters label="Find a room" find={find} onFind={setFind}>
        <Segmented label="Show" options={SHOWS} value={show} onValue={setShow} />
      </Filters>
      {rooms.status.value !== 'ready' && all.length === 0 && <SkeletonRows count={5} label="Loading rooms" />}
      {found.length > 0 && <RoomTable rooms={found} people={people} chosen={chosen} onChoose={choose} />}
      {found.length > 0 && <RoomCards rooms={found} people={people} onChoose={choose} />}
      {found.length === 0 && rooms.status.value === 'ready' && (
        <EmptyState icon="hash" title={all.length === 0 ? 'There are no rooms yet' : 'No room fits'} />
      )}
      {dialog}
    </div>
  );
}

/** How many people are in each room, counted again when rooms, or my own, become more or fewer. */
function usePeople(rooms: readonly Room[]): ReadonlyMap<number, number> {
  const { api } = useParley();
  const counted = useMemo(() => resource(async () => new Map((await api.roomsCounted()).rooms.map(count))), []);
  const mine = rooms.filter((room) => room.joined).length;
  useEffect(() => void counted.load(), [rooms.length, mine]);
  return counted.value.value ?? NOBODY;
}

const NOBODY: ReadonlyMap<number, number> = new Map();

function count({ id, members = 0 }: Room): [number, number] {
  return [id, members];
}

/** The chosen row and its inspector. Leaving unsaved changes asks first. */
function useChosen(inspect: AdminPageProps['inspect']) {
  const [chosen, setChosen] = useState<number | null>(null);
  const [dirty, setDirty] = useState(false);
  const [wanted, setWanted] = useState<number | null | undefined>(undefined);
  const go = (id: number | null) => {
    setDirty(false);
    setWanted(undefined);
    setChosen(id);
  };
  const choose = (id: number | null) => (dirty && id !== chosen ? setWanted(id) : go(id));
  useEffect(() => {
    inspect(
      chosen === null ? null : (
        <RoomInspector key={chosen} id={chosen} onDirty={setDirty} onClose={() => choose(null)} />
      ),
    );
  }, [chosen, dirty]);
  useEffect(() => () => inspect(null), []);
  const dialog = wanted !== undefined && (
    <ConfirmDialog
      title="Discard the changes?"
      action="Discard"
      onConfirm={() => go(wanted)}
      onClose={() => setWanted(undefined)}
    >
      <p>What you changed in this room is not saved.</p>
    </ConfirmDialog>
  );
  return { chosen, choose, dialog };
}
