import { useState } from 'preact/hooks';
import { Avatar } from '../../ui/avatar.tsx';
import { IconButton } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/dialog.tsx';
import { showToast } from '../../ui/toast.tsx';
import type { PresenceState, Room, UserRef } from '../../wire/protocol.ts';
import { useApp } from '../context.ts';
import { say } from '../problems.ts';

const WORDS: Record<PresenceState, string> = { active: 'Active', away: 'Away', offline: 'Offline' };

interface PersonRowProps {
  person: UserRef;
  state: PresenceState;
  room: Room;
  removable: boolean;
}

/** Somebody in the room, with presence in a sign and in words. */
export function PersonRow({ person, state, room, removable }: PersonRowProps) {
  const { parley, members } = useApp();
  const [asking, setAsking] = useState(false);
  const mine = parley.session.user.value?.id === person.id;
  const remove = async () => {
    try {
      await parley.api.removeMember(room.id, person.id);
      await members.load(room.id);
    } catch (err) {
      showToast({ text: say(err) });
    }
  };
  return (
    <li>
      <Avatar id={person.id} name={person.name} size="s" presence={state} />
      <div class="nm">
        <b dir="auto">{mine ? `${person.name} (you)` : person.name}</b>
        <small>
          @{person.username} · {WORDS[state]}
        </small>
      </div>
      {removable && !mine && (
        <IconButton icon="x" small label={`Remove ${person.name}`} onClick={() => setAsking(true)} />
      )}
      {asking && (
        <ConfirmDialog
          title={`Remove ${person.name}?`}
          action="Remove from room"
          onConfirm={remove}
          onClose={() => setAsking(false)}
        >
          <p>
            {person.name} is taken out of #{room.slug}.
          </p>
        </ConfirmDialog>
      )}
    </li>
  );
}
