import type { ComponentChildren } from 'preact';
import { Icon } from '../../ui/icon.tsx';
import { SideMenu } from '../../ui/side-menu.tsx';
import { openOverlay } from '../../ui/overlay.ts';
import { useIsAdmin, useParley } from '../context.ts';

const LINKS = [
  { page: 'account', icon: 'user', label: 'Account' },
  { page: 'appearance', icon: 'sun', label: 'Appearance' },
  { page: 'sessions', icon: 'screen', label: 'Sessions' },
];

/** The menu of settings in the sidebar's place. On the phone it is the page "You". */
export function SettingsMenu({ page, foot }: { page: string; foot: ComponentChildren }) {
  const { session } = useParley();
  const admin = useIsAdmin();
  return (
    <SideMenu title="Settings" label="Settings" back="/" foot={foot}>
      <ul>
        {LINKS.map((link) => (
          <li key={link.page}>
            <a href={`/settings/${link.page}`} aria-current={page === link.page ? 'page' : undefined}>
              <Icon name={link.icon} />
              <span class="nm">{link.label}</span>
            </a>
          </li>
        ))}
        {admin && (
          <li>
            <a href="/admin">
              <Icon name="shield" />
              <span class="nm">Admin</span>
            </a>
          </li>
        )}
        <li>
          <button type="button" class="nav-act" onClick={() => openOverlay('sign-out', () => session.logOut())}>
            <Icon name="out" />
            <span class="nm">Sign out</span>
          </button>
        </li>
      </ul>
    </SideMenu>
  );
}
