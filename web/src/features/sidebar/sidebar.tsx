import type { ComponentChildren } from 'preact';
import { IconButton } from '../../ui/button.tsx';
import { Icon, Mark } from '../../ui/icon.tsx';
import { openOverlay } from '../../ui/overlay.ts';
import { modKey } from '../../ui/keys.ts';
import { isPhone } from '../../ui/viewport.ts';
import { useApp, useIsAdmin } from '../context.ts';
import { Me } from './me.tsx';
import { RoomLinks } from './room-links.tsx';
import { SideResize } from './side-resize.tsx';
import { Tabs } from './tabs.tsx';

/** The workspace, its rooms, and me. On the phone it is the home screen; `top` stands above the rooms there. */
export function Sidebar({ top }: { top?: ComponentChildren }) {
  const { parley } = useApp();
  const server = parley.session.server.value;
  return (
    <nav class="side" aria-label="Rooms" data-region="side" tabIndex={-1}>
      <div class="team">
        <Mark />
        <strong dir="auto">{server?.name ?? 'Parley'}</strong>
      </div>
      <button type="button" class="jump" onClick={() => openOverlay('jump')}>
        <Icon name="search" small />
        <span>Jump to…</span>
        <kbd>{modKey('K')}</kbd>
      </button>
      <div class="nav scroll">
        {top}
        <RoomsHead />
        <RoomLinks />
      </div>
      <Me />
      <Tabs />
      <SideResize />
    </nav>
  );
}

function RoomsHead() {
  const admin = useIsAdmin();
  const { router, steps } = useApp();
  const browsing = router.route.value.name === 'rooms';
  return (
    <>
      <ul>
        {admin && !isPhone.value && steps.pending() && (
          <li>
            <a href="/" aria-current={router.route.value.name === 'home' ? 'page' : undefined}>
              <Icon name="check" />
              <span class="nm">First steps</span>
            </a>
          </li>
        )}
        <li>
          <a href="/rooms" aria-current={browsing ? 'page' : undefined}>
            <Icon name="search" />
            <span class="nm">Browse rooms</span>
          </a>
        </li>
      </ul>
      <h2>
        Rooms
        {admin && <IconButton icon="plus" label="New room" onClick={() => openOverlay('new-room')} />}
      </h2>
    </>
  );
}
