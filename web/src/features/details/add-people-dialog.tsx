import { useEffect, useMemo, useState } from 'preact/hooks';
import { resource } from '../../lib/resource.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { SkeletonRows } from '../../ui/empty.tsx';
import { Icon } from '../../ui/icon.tsx';
import { showToast } from '../../ui/toast.tsx';
import type { Room, User } from '../../wire/protocol.ts';
import { useApp } from '../context.ts';
import { say, sayFailure } from '../problems.ts';
import { allUsers } from '../users.ts';

/** Puts people into a room, one press each. */
export function AddPeopleDialog({ room, onClose }: { room: Room; onClose: () => void }) {
  const { parley, members } = useApp();
  const users = useMemo(() => resource(() => allUsers(parley.api)), []);
  const [find, setFind] = useState('');
  useEffect(() => {
    void users.load();
    members.load(room.id).catch(() => undefined);
  }, []);
  const inside = new Set((members.of(room.id).value ?? []).map((one) => one.id));
  const failed = users.failure.value;
  const wanted = find.trim().toLocaleLowerCase();
  const found = (users.value.value ?? []).filter(
    (user) => !user.disabled && `${user.name} ${user.username}`.toLocaleLowerCase().includes(wanted),
  );
  return (
    <Dialog title={`Add people to #${room.slug}`} onClose={onClose}>
      <div class="dlg-body">
        <div class="in-ic">
          <Icon name="search" />
          <input
            class="in"
            type="search"
            autofocus
            placeholder="Find a person"
            aria-label="Find a person"
            value={find}
            onInput={(event) => setFind(event.currentTarget.value)}
          />
        </div>
        {failed && <p>{sayFailure(failed)}</p>}
        {users.status.value === 'loading' && <SkeletonRows label="Loading people" />}
        <ul class="people" aria-label="People to add">
          {found.map((user) => (
            <AddRow key={user.id} user={user} room={room} inside={inside.has(user.id)} />
          ))}
        </ul>
        {users.status.value === 'ready' && found.length === 0 && <p class="hint">Nobody fits.</p>}
      </div>
    </Dialog>
  );
}

function AddRow({ user, room, inside }: { user: User; room: Room; inside: boolean }) {
  const { parley, members } = useApp();
  const [busy, setBusy] = useState(false);
  const add = async () => {
    setBusy(true);
    try {
      await parley.api.addMember(room.id, user.id);
      await members.load(room.id);
    } catch (err) {
      showToast({ text: say(err) });
    }
    setBusy(false);
  };
  return (
    <li>
      <Avatar id={user.id} name={user.name} size="s" />
      <div class="nm">
        <b dir="auto">{user.name}</b>
        <small>@{user.username}</small>
      </div>
      {inside ? (
        <span class="hint">In the room</span>
      ) : (
        <Button class="small" busy={busy} onClick={add} aria-label={`Add ${user.name}`}>
          Add
        </Button>
      )}
    </li>
  );
}
