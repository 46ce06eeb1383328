import { Avatar } from '../../ui/avatar.tsx';
import { Icon } from '../../ui/icon.tsx';
import { SideMenu } from '../../ui/side-menu.tsx';
import { useParley } from '../context.ts';

const LINKS = [
  { page: 'rooms', icon: 'hash', label: 'Rooms' },
  { page: 'people', icon: 'users', label: 'People' },
  { page: 'invites', icon: 'link', label: 'Invite links' },
  { page: 'connect', icon: 'screen', label: 'Connect' },
];

export function AdminMenu({ page }: { page: string }) {
  const { rooms } = useParley();
  const open = rooms.all.value.filter((room) => !room.archived).length;
  return (
    <SideMenu title="Admin" label="Admin" back="/" foot={<Foot />}>
      <ul>
        {LINKS.map((link) => (
          <li key={link.page}>
            <a href={`/admin/${link.page}`} aria-current={page === link.page ? 'page' : undefined}>
              <Icon name={link.icon} />
              <span class="nm">{link.label}</span>
              {link.page === 'rooms' && <span class="hint">{open}</span>}
            </a>
          </li>
        ))}
      </ul>
    </SideMenu>
  );
}

function Foot() {
  const user = useParley().session.user.value;
  if (!user) return null;
  return (
    <div class="me">
      <Avatar id={user.id} name={user.name} size="s" presence="active" />
      <div class="who-me">
        <b dir="auto">{user.name}</b>
        <span>Administrator</span>
      </div>
    </div>
  );
}
