import { useState } from 'preact/hooks';
import { Avatar } from '../../ui/avatar.tsx';
import { IconButton } from '../../ui/button.tsx';
import { Menu, type MenuItem } from '../../ui/menu.tsx';
import { openOverlay } from '../../ui/overlay.ts';
import { useApp, useIsAdmin, useParley } from '../context.ts';

/** Who I am, and what concerns me rather than a room. */
export function Me() {
  const { session, connection } = useParley();
  const [anchor, setAnchor] = useState<Element | null>(null);
  const items = useMyMenu();
  const user = session.user.value;
  if (!user) return null;
  const here = connection.connected.value;
  return (
    <div class="me">
      <Avatar id={user.id} name={user.name} size="s" presence={here ? 'active' : 'offline'} />
      <div class="who-me">
        <b dir="auto">{user.name}</b>
        <span>{here ? 'Active' : 'Not connected'}</span>
      </div>
      <IconButton
        icon="gear"
        label="Your menu"
        aria-haspopup="menu"
        aria-expanded={anchor !== null}
        onClick={(event) => setAnchor(event.currentTarget)}
      />
      {anchor && <Menu anchor={anchor} label="Your menu" items={items} onClose={() => setAnchor(null)} />}
    </div>
  );
}

/** The rows of my menu: the sidebar's foot shows them in a menu, the phone on a page. */
export function useMyMenu(): (MenuItem | 'line')[] {
  const { parley } = useApp();
  const admin = useIsAdmin();
  const signOut = () => openOverlay('sign-out', () => parley.session.logOut());
  return [
    { id: 'settings', label: 'Settings', icon: 'gear', href: '/settings/account' },
    ...(admin ? [{ id: 'admin', label: 'Admin', icon: 'shield', href: '/admin/rooms' }] : []),
    { id: 'keys', label: 'Keyboard shortcuts', icon: 'keyboard', act: () => openOverlay('shortcuts') },
    'line',
    { id: 'out', label: 'Sign out', icon: 'out', act: signOut },
  ];
}
