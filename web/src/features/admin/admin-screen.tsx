import { useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import { isPhone } from '../../ui/viewport.ts';
import { AdminMenu } from './admin-menu.tsx';
import { ConnectPage } from './connect-page.tsx';
import { InvitesPage } from './invites-page.tsx';
import { PeoplePage } from './people-page.tsx';
import { RoomsPage } from './rooms-page.tsx';

/** What an admin page gives the frame: an inspector for what is selected, or nothing. */
export interface AdminPageProps {
  inspect: (panel: ComponentChildren) => void;
  inspected: boolean;
}

const PAGES = { rooms: RoomsPage, people: PeoplePage, invites: InvitesPage, connect: ConnectPage };

/** The administrators' part. Loaded on first use; nobody else gets here. */
export function AdminScreen({ page }: { page: string }) {
  const [panel, inspect] = useState<ComponentChildren>(null);
  const known = page in PAGES ? (page as keyof typeof PAGES) : null;
  const Page = PAGES[known ?? 'rooms'];
  return (
    <div class={panel ? 'app admin with-panel' : 'app admin'} data-show={known ? 'main' : 'side'}>
      <AdminMenu page={known ?? (isPhone.value ? '' : 'rooms')} />
      <main class="main" data-region="main" tabIndex={-1}>
        <Page key={known ?? 'rooms'} inspect={inspect} inspected={panel !== null} />
      </main>
      {panel}
    </div>
  );
}
