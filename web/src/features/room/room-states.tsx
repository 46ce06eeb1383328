import { dateOf } from '../../lib/time.ts';
import type { Entry, TimelineState } from '../../state/contract.ts';
import { Button, Spinner } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty.tsx';
import { openOverlay } from '../../ui/overlay.ts';
import type { Room } from '../../wire/protocol.ts';
import { useIsAdmin } from '../context.ts';
import { sayFailure } from '../problems.ts';
import { roomIcon } from '../room-icon.tsx';

/** Where a room begins: with what to do while it is empty, and with its date afterwards. */
export function RoomStart({ room, empty, entries }: { room: Room; empty: boolean; entries: readonly Entry[] }) {
  if (empty) return <EmptyRoom room={room} />;
  const first = entries[0];
  return (
    <div class="begin">
      <h2 dir="auto">#{room.slug}</h2>
      <p>{first && `This is where #${room.slug} began, ${dateOf(first.at)}.`}</p>
    </div>
  );
}

function EmptyRoom({ room }: { room: Room }) {
  const admin = useIsAdmin();
  const who = room.private ? 'Only people who were added can find and read it.' : 'Everyone can join and read it.';
  const actions = admin && room.joined && (
    <>
      <Button kind="primary" icon="users" onClick={() => openOverlay('add-people', room.id)}>
        Add people
      </Button>
      <Button onClick={() => openOverlay('edit-room', room.id)}>Set a topic</Button>
    </>
  );
  return (
    <EmptyState icon={roomIcon(room)} title={`This is the start of #${room.slug}`} actions={actions}>
      <p>{who} Say what the room is for.</p>
    </EmptyState>
  );
}

/** The line above the oldest message in memory; its height is reserved. */
export function OlderEdge({ timeline }: { timeline: TimelineState }) {
  const edge = timeline.older.value;
  return (
    <div class="edge">
      {edge === 'loading' && <Spinner label="Loading older messages" />}
      {edge === 'error' && (
        <span class="row">
          Couldn’t load older messages.
          <button type="button" class="lnk" onClick={() => void timeline.loadOlder()}>
            Try again
          </button>
        </span>
      )}
    </div>
  );
}

export function LoadFailed({ timeline }: { timeline: TimelineState }) {
  const failed = timeline.failure.value;
  const gone = failed?.kind === 'problem' && failed.problem.code === 'not_found';
  if (gone) return <RoomGone />;
  const requestId = failed?.kind === 'problem' ? failed.problem.request_id : undefined;
  return (
    <EmptyState
      bad
      icon="retry"
      title="Messages didn’t load"
      actions={<Button onClick={() => void timeline.retry()}>Try again</Button>}
    >
      <p>{failed ? sayFailure(failed) : ''} Your drafts are safe on this device.</p>
      {requestId && (
        <details>
          <summary>Details</summary>
          Request {requestId}
        </details>
      )}
    </EmptyState>
  );
}

export function RoomGone({ main }: { main?: boolean }) {
  return (
    <EmptyState
      main={main}
      icon="hash"
      title="This room doesn’t exist, or you’re not in it"
      actions={
        <a class="btn" href="/rooms">
          Back to the list of rooms
        </a>
      }
    />
  );
}
