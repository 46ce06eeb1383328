import { useApp } from '../features/context.ts';
import { lazy } from '../ui/lazy.tsx';
import { closeOverlay, overlay } from '../ui/overlay.ts';
import { ConfirmDialog } from '../ui/dialog.tsx';
import type { Room } from '../wire/protocol.ts';

interface Closing {
  onClose: () => void;
}

const Jump = lazy<Closing>(() => import('../features/jump/jump-dialog.tsx').then((part) => part.JumpDialog));
const Shortcuts = lazy<Closing>(() =>
  import('../features/jump/shortcuts-dialog.tsx').then((part) => part.ShortcutsDialog),
);
const NewRoom = lazy<Closing>(() =>
  import('../features/browse/new-room-dialog.tsx').then((part) => part.NewRoomDialog),
);
const Invite = lazy<Closing & { onMade?: () => void }>(() =>
  import('../features/admin/invite-dialog.tsx').then((part) => part.InviteDialog),
);
const AddPeople = lazy<Closing & { room: Room }>(() =>
  import('../features/details/add-people-dialog.tsx').then((part) => part.AddPeopleDialog),
);
const EditRoom = lazy<Closing & { room: Room }>(() =>
  import('../features/details/edit-room-dialog.tsx').then((part) => part.EditRoomDialog),
);

/** Draws what a feature asked for by name; this is how features show each other's dialogs. */
export function Overlays() {
  const { parley } = useApp();
  const open = overlay.value;
  if (!open) return null;
  const close = { onClose: closeOverlay };
  const room = typeof open.with === 'number' ? parley.rooms.byId(open.with) : undefined;
  switch (open.name) {
    case 'jump':
      return <Jump {...close} />;
    case 'shortcuts':
      return <Shortcuts {...close} />;
    case 'new-room':
      return <NewRoom {...close} />;
    case 'invite':
      return <Invite {...close} onMade={open.with as (() => void) | undefined} />;
    case 'add-people':
      return room ? <AddPeople {...close} room={room} /> : null;
    case 'edit-room':
      return room ? <EditRoom {...close} room={room} /> : null;
    case 'sign-out':
      return <SignOut {...close} act={open.with as () => Promise<void>} />;
  }
  return null;
}

function SignOut({ onClose, act }: Closing & { act: () => Promise<void> }) {
  return (
    <ConfirmDialog gentle title="Sign out?" action="Sign out" onConfirm={act} onClose={onClose}>
      <p>Drafts and messages that wait to be sent on this device are deleted.</p>
    </ConfirmDialog>
  );
}
