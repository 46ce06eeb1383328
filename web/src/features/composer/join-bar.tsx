import { useState } from 'preact/hooks';
import { Button } from '../../ui/button.tsx';
import { showToast } from '../../ui/toast.tsx';
import type { Room } from '../../wire/protocol.ts';
import { useParley } from '../context.ts';
import { say } from '../problems.ts';

/** Stands where the composer would: for a room that is only looked at, or that is archived. */
export function JoinBar({ room }: { room: Room }) {
  const { rooms } = useParley();
  const [busy, setBusy] = useState(false);
  const join = async () => {
    setBusy(true);
    await rooms.join(room.id).catch((err: unknown) => showToast({ text: say(err) }));
    setBusy(false);
  };
  return (
    <div class="join-bar" id="composer">
      <p>
        <b dir="auto">You’re looking at #{room.slug}</b>
        Join to write and to hear of new messages.
      </p>
      <Button kind="primary" busy={busy} onClick={join}>
        Join #{room.slug}
      </Button>
    </div>
  );
}

export function ArchivedBar({ room }: { room: Room }) {
  return (
    <div class="join-bar" id="composer">
      <p>
        <b dir="auto">#{room.slug} is archived</b>
        It can be read, but nothing can be written.
      </p>
    </div>
  );
}
