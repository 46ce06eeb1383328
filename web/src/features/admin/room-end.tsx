import { useState } from 'preact/hooks';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/dialog.tsx';
import { showToast } from '../../ui/toast.tsx';
import type { Room } from '../../wire/protocol.ts';
import { useParley } from '../context.ts';
import { say } from '../problems.ts';

/** Archive, restore, delete. Deleting asks for the address typed. */
export function RoomEnd({ room, onGone }: { room: Room; onGone: () => void }) {
  const { rooms } = useParley();
  const [asking, setAsking] = useState<'archive' | 'delete' | null>(null);
  const done = async (act: Promise<void>, text: string) => {
    try {
      await act;
      showToast({ text });
    } catch (err) {
      showToast({ text: say(err) });
      throw err;
    }
  };
  const remove = async () => {
    await done(rooms.remove(room.id), 'Room deleted');
    onGone();
  };
  return (
    <div class="acts-row">
      {room.archived ? (
        <Button
          icon="archive"
          onClick={() => void done(rooms.restore(room.id), 'Room restored').catch(() => undefined)}
        >
          Restore room
        </Button>
      ) : (
        <Button kind="danger" icon="archive" onClick={() => setAsking('archive')}>
          Archive room
        </Button>
      )}
      <Button kind="danger" icon="trash" onClick={() => setAsking('delete')}>
        Delete room
      </Button>
      {asking === 'archive' && (
        <ConfirmDialog
          title={`Archive #${room.slug}?`}
          action="Archive room"
          onConfirm={() => done(rooms.archive(room.id), 'Room archived')}
          onClose={() => setAsking(null)}
        >
          <p>It can still be read, but nobody can write in it. You can restore it at any time.</p>
        </ConfirmDialog>
      )}
      {asking === 'delete' && (
        <ConfirmDialog
          title={`Delete #${room.slug}?`}
          action="Delete room"
          typed={room.slug}
          onConfirm={remove}
          onClose={() => setAsking(null)}
        >
          <p>The room and all its messages are deleted for everybody. This can’t be undone.</p>
        </ConfirmDialog>
      )}
    </div>
  );
}
