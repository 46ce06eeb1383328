import { n } from '../../lib/strings.ts';
import { Badge, Dot } from '../../ui/badge.tsx';
import { Icon } from '../../ui/icon.tsx';
import { SkeletonRows } from '../../ui/empty.tsx';
import { memo } from '../../ui/memo.ts';
import type { Room } from '../../wire/protocol.ts';
import { useApp } from '../context.ts';
import { RoomIcon } from '../room-icon.tsx';

/** My rooms, by name. */
export function RoomLinks() {
  const { parley } = useApp();
  const { rooms, place, drafts } = parley;
  if (rooms.status.value !== 'ready' && rooms.mine.value.length === 0) return <SkeletonRows label="Loading rooms" />;
  if (rooms.mine.value.length === 0) return <p class="none">You’re in no room yet. Browse rooms to join one.</p>;
  const current = place.room.value;
  const pencils = drafts.rooms.value;
  return (
    <ul aria-label="Your rooms">
      {rooms.mine.value.map((room) => (
        <RoomLink
          key={room.id}
          room={room}
          current={room.id === current}
          draft={pencils.has(room.id) && room.id !== current}
        />
      ))}
    </ul>
  );
}

const RoomLink = memo(function RoomLink({ room, current, draft }: { room: Room; current: boolean; draft: boolean }) {
  const unread = room.unread > 0 || room.mentions > 0;
  return (
    <li>
      <a
        href={`/rooms/${room.slug}`}
        class={unread ? 'unread' : undefined}
        aria-current={current ? 'page' : undefined}
        data-room={room.id}
      >
        <RoomIcon room={room} />
        <span class="nm" dir="auto">
          {room.name}
        </span>
        {room.private && <span class="vh">private</span>}
        {draft && <Draft />}
        <Unread room={room} />
      </a>
    </li>
  );
});

function Draft() {
  return (
    <>
      <Icon name="draft" small />
      <span class="vh">has a draft</span>
    </>
  );
}

function Unread({ room }: { room: Room }) {
  if (room.mentions > 0) return <Badge count={room.mentions} label={n('rooms.mentions', room.mentions)} />;
  return room.unread > 0 ? <Dot label="Unread" /> : null;
}
