import { useState } from 'preact/hooks';
import { Button } from '../../ui/button.tsx';
import { Pill } from '../../ui/badge.tsx';
import { Icon } from '../../ui/icon.tsx';
import { memo } from '../../ui/memo.ts';
import { showToast } from '../../ui/toast.tsx';
import type { Room } from '../../wire/protocol.ts';
import { useApp } from '../context.ts';
import { say } from '../problems.ts';
import { RoomIcon } from '../room-icon.tsx';

/** A room in the list of all: its name opens it (a preview when I am not in it), the button joins. */
export const RoomRow = memo(function RoomRow({ room }: { room: Room }) {
  return (
    <li>
      <span class="ic">
        <RoomIcon room={room} />
      </span>
      <div class="txt">
        <a href={`/rooms/${room.slug}`} dir="auto">
          {room.name}
        </a>{' '}
        {room.private && <Pill icon="lock">Private</Pill>}
        <p dir="auto">{room.topic || `#${room.slug}`}</p>
      </div>
      {room.joined ? (
        <span class="joined">
          <Icon name="check" />
          Joined
        </span>
      ) : (
        <JoinButton room={room} />
      )}
    </li>
  );
});

function JoinButton({ room }: { room: Room }) {
  const { parley, router } = useApp();
  const [busy, setBusy] = useState(false);
  const join = async () => {
    setBusy(true);
    try {
      await parley.rooms.join(room.id);
      router.go(`/rooms/${room.slug}`);
    } catch (err) {
      showToast({ text: say(err) });
    }
    setBusy(false);
  };
  return (
    <Button class="small" busy={busy} onClick={join} aria-label={`Join ${room.name}`}>
      Join
    </Button>
  );
}
