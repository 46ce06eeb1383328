import { n } from '../../lib/strings.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Icon } from '../../ui/icon.tsx';
import { IconButton } from '../../ui/button.tsx';
import type { Room, UserRef } from '../../wire/protocol.ts';
import { useApp } from '../context.ts';
import { RoomIcon } from '../room-icon.tsx';

const FACES = 3;

interface RoomHeaderProps {
  room: Room;
  panelOpen: boolean;
  onPanel: () => void;
}

/** Name, topic, people. The page's one h1 is the room's name. */
export function RoomHeader({ room, panelOpen, onPanel }: RoomHeaderProps) {
  const { members, parley } = useApp();
  const people = members.of(room.id).value;
  const present = parley.company.presence(room.id).value;
  const active = (people ?? []).filter((one) => present.get(one.id) === 'active').length;
  return (
    <div class="bar">
      <a class="ib back" href="/" aria-label="Back to rooms">
        <Icon name="back" />
      </a>
      <div class="room-name">
        <h1 class="ttl">
          <RoomIcon room={room} />
          <span dir="auto">{room.name}</span>
        </h1>
        {people && (
          <span class="sub">
            {active > 0 ? `${n('room.people', people.length)} · ${active} active` : n('room.people', people.length)}
          </span>
        )}
      </div>
      {room.topic ? (
        <span class="topic" dir="auto" title={room.topic}>
          {room.topic}
        </span>
      ) : (
        <span class="sp hide-phone" />
      )}
      {people && <Who people={people} open={panelOpen} onPress={onPanel} />}
      <IconButton icon="info" label="Room details" data-details aria-expanded={panelOpen} onClick={onPanel} />
    </div>
  );
}

function Who({ people, open, onPress }: { people: readonly UserRef[]; open: boolean; onPress: () => void }) {
  return (
    <button type="button" class="who hide-phone" aria-expanded={open} onClick={onPress}>
      <span class="stack">
        {people.slice(0, FACES).map((one) => (
          <Avatar key={one.id} id={one.id} name={one.name} size="s" />
        ))}
      </span>
      <span aria-hidden="true">{people.length}</span>
      <span class="vh">{n('room.people', people.length)}</span>
    </button>
  );
}
