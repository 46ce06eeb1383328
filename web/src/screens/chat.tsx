import { useEffect, useState } from 'preact/hooks';
import type { Route } from '../lib/router.ts';
import { FirstSteps } from '../features/browse/first-steps.tsx';
import { RoomsPage } from '../features/browse/rooms-page.tsx';
import { ArchivedBar, JoinBar } from '../features/composer/join-bar.tsx';
import { Composer } from '../features/composer/composer.tsx';
import { Banner } from '../features/connection/banner.tsx';
import { useApp, useIsAdmin } from '../features/context.ts';
import { DetailsPanel } from '../features/details/details-panel.tsx';
import { RoomPage } from '../features/room/room-page.tsx';
import { Sidebar } from '../features/sidebar/sidebar.tsx';
import { Tabs } from '../features/sidebar/tabs.tsx';
import { EmptyState, SkeletonRows } from '../ui/empty.tsx';
import { isPhone } from '../ui/viewport.ts';
import type { Room } from '../wire/protocol.ts';

const LAST_ROOM = 'parley.last-room';

/** The sidebar, and beside it the room, all rooms, or the way to the first one. */
export function ChatScreen({ route }: { route: Route }) {
  const { parley, steps } = useApp();
  const admin = useIsAdmin();
  const [panel, setPanel] = useState(false);
  const room = route.name === 'room' ? parley.rooms.bySlug(route.slug) : undefined;
  const open = panel && room !== undefined;
  useEffect(() => {
    if (room) keep(LAST_ROOM, room.slug);
  }, [room?.slug]);
  useEscape(open, () => setPanel(false));
  const home = route.name === 'home' && isPhone.value;
  return (
    <div class={open ? 'app with-panel' : 'app'} data-show={home ? 'side' : 'main'}>
      <a class="skip" href={room ? '#composer' : '#main'} onClick={skip}>
        {room ? 'Skip to message box' : 'Skip to content'}
      </a>
      <Sidebar top={home && admin && steps.pending() && <FirstSteps />} />
      <main class="main" id="main" data-region="main" tabIndex={-1}>
        <Main route={route} panel={open} onPanel={() => setPanel(!panel)} />
      </main>
      {open && room && <DetailsPanel room={room} onClose={() => setPanel(false)} />}
    </div>
  );
}

function Main({ route, panel, onPanel }: { route: Route; panel: boolean; onPanel: () => void }) {
  switch (route.name) {
    case 'room':
      return (
        <RoomPage
          slug={route.slug}
          seq={route.seq}
          panelOpen={panel}
          onPanel={onPanel}
          below={below}
          banner={<Banner />}
        />
      );
    case 'rooms':
      return (
        <>
          <Banner />
          <RoomsPage />
          <Tabs />
        </>
      );
    case 'home':
      return <Home />;
    default:
      return <Missing />;
  }
}

function below(room: Room) {
  if (room.archived) return <ArchivedBar room={room} />;
  return room.joined ? <Composer room={room} /> : <JoinBar room={room} />;
}

/** "/" opens the last room; on the phone it is the list. In a new workspace it says what to do first. */
function Home() {
  const { parley, router, steps } = useApp();
  const admin = useIsAdmin();
  const { mine, all, status } = parley.rooms;
  const ready = status.value === 'ready';
  const fresh = ready && admin && all.value.length === 0;
  const last = mine.value.find((room) => room.slug === kept(LAST_ROOM)) ?? mine.value[0];
  const to = last ? `/rooms/${last.slug}` : '/rooms';
  const pending = admin && steps.pending();
  const leave = ready && !pending && !(fresh && steps.phase.value === 'none') && !isPhone.value;
  useEffect(() => {
    if (fresh) steps.reach('open');
  }, [fresh]);
  useEffect(() => {
    if (leave) router.go(to, { replace: true });
  }, [leave, to]);
  if (!ready) return <SkeletonRows label="Loading" />;
  return (
    <div class="page scroll grow center">
      <h1 class="vh">Start</h1>
      {pending && !isPhone.value && <FirstSteps />}
    </div>
  );
}

function Missing() {
  return (
    <EmptyState
      main
      icon="search"
      title="There is nothing at this address"
      actions={
        <a class="btn" href="/">
          Back to chat
        </a>
      }
    />
  );
}

/** Esc closes the panel, unless something above it took the key. */
function useEscape(open: boolean, close: () => void): void {
  useEffect(() => {
    if (!open) return;
    const key = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented || document.querySelector('dialog[open], :popover-open'))
        return;
      event.preventDefault();
      close();
    };
    document.addEventListener('keydown', key);
    return () => document.removeEventListener('keydown', key);
  }, [open]);
}

function skip(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>('#composer textarea, #composer button, #main')?.focus();
}

function keep(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // Private mode: forgotten with the page.
  }
}

function kept(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}
