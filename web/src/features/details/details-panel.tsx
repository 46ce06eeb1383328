import { useState } from 'preact/hooks';
import { n } from '../../lib/strings.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/dialog.tsx';
import { SkeletonRows } from '../../ui/empty.tsx';
import { openOverlay } from '../../ui/overlay.ts';
import { showToast } from '../../ui/toast.tsx';
import type { Room } from '../../wire/protocol.ts';
import { useApp, useIsAdmin } from '../context.ts';
import { say } from '../problems.ts';
import { RoomIcon } from '../room-icon.tsx';
import { PersonRow } from './person-row.tsx';

/** What a room is about and who is in it; for administrators also the ways to change that. */
export function DetailsPanel({ room, onClose }: { room: Room; onClose: () => void }) {
  const admin = useIsAdmin();
  return (
    <aside class="panel" aria-label="Room details" data-region="panel" tabIndex={-1}>
      <div class="bar">
        <h2 dir="auto">
          <RoomIcon room={room} />
          {room.name}
        </h2>
        <span class="sp" />
        <IconButton icon="x" label="Close" onClick={onClose} />
      </div>
      <div class="insp scroll">
        <About room={room} />
        {admin && (
          <div class="acts-row">
            <Button icon="draft" onClick={() => openOverlay('edit-room', room.id)}>
              Edit
            </Button>
          </div>
        )}
        <hr />
        <People room={room} />
        {room.joined && <Leave room={room} />}
      </div>
    </aside>
  );
}

function About({ room }: { room: Room }) {
  return (
    <div>
      <h3>Topic</h3>
      <p class="about" dir="auto">
        {room.topic || <span class="hint">No topic yet</span>}
      </p>
      <p class="hint">
        {room.private
          ? 'Private: only people who were added can find it.'
          : 'Open: everybody can find, read and join it.'}
      </p>
    </div>
  );
}

function People({ room }: { room: Room }) {
  const { members, parley } = useApp();
  const admin = useIsAdmin();
  const people = members.of(room.id).value;
  const presence = parley.company.presence(room.id).value;
  if (!people) return <SkeletonRows label="Loading people" />;
  const rank = (id: number) => ({ active: 0, away: 1, offline: 2 })[presence.get(id) ?? 'offline'];
  const sorted = [...people].sort((a, b) => rank(a.id) - rank(b.id));
  return (
    <section aria-label="People" class="form">
      <div class="row">
        <div>
          <b>{n('room.people', people.length)}</b>
        </div>
        {admin && !room.archived && (
          <Button icon="userplus" class="small" onClick={() => openOverlay('add-people', room.id)}>
            Add people
          </Button>
        )}
      </div>
      <ul class="people">
        {sorted.map((person) => (
          <PersonRow
            key={person.id}
            person={person}
            state={presence.get(person.id) ?? 'offline'}
            room={room}
            removable={admin && !room.archived}
          />
        ))}
      </ul>
    </section>
  );
}

function Leave({ room }: { room: Room }) {
  const { parley, router } = useApp();
  const [asking, setAsking] = useState(false);
  const leave = async () => {
    try {
      await parley.rooms.leave(room.id);
      if (room.private) router.go('/rooms', { replace: true });
    } catch (err) {
      showToast({ text: say(err) });
      throw err;
    }
  };
  return (
    <div class="acts-row">
      <Button kind="danger" icon="out" onClick={() => setAsking(true)}>
        Leave room
      </Button>
      {asking && (
        <ConfirmDialog
          title={`Leave #${room.slug}?`}
          action="Leave room"
          onConfirm={leave}
          onClose={() => setAsking(false)}
        >
          <p>
            {room.private
              ? 'The room is private: somebody has to add you before you can read it again.'
              : 'You can still read it and join again at any time.'}
          </p>
        </ConfirmDialog>
      )}
    </div>
  );
}
