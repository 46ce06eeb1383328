import { useEffect } from 'preact/hooks';
import { AppContext, useApp, useIsAdmin, useParley, type AppParts } from './features/context.ts';
import { appKeys } from './features/shortcuts.ts';
import type { Route } from './lib/router.ts';
import { ChatScreen } from './screens/chat.tsx';
import { Gate } from './screens/gate.tsx';
import { Overlays } from './screens/overlays.tsx';
import { useTitle } from './screens/title.ts';
import { AnnounceHost } from './ui/announce.tsx';
import { lazy } from './ui/lazy.tsx';
import { ToastHost } from './ui/toast.tsx';
import { TooltipHost } from './ui/tooltip.tsx';

const AdminScreen = lazy<{ page: string }>(() =>
  import('./features/admin/admin-screen.tsx').then((part) => part.AdminScreen),
);
const SettingsScreen = lazy<{ page: string }>(() =>
  import('./screens/settings.tsx').then((part) => part.SettingsScreen),
);

/** Addresses that make no sense once somebody is signed in. */
const BEFORE_SIGN_IN = new Set<Route['name']>(['login', 'signup', 'setup', 'join']);

/** The whole client. Everything below reaches the state by context. */
export function App(parts: AppParts) {
  const { parley, router } = parts;
  useEffect(() => {
    const click = (event: MouseEvent) => router.follow(event);
    const key = (event: KeyboardEvent) => appKeys(event, parts);
    document.addEventListener('click', click);
    document.addEventListener('keydown', key);
    void parley.start();
    return () => {
      document.removeEventListener('click', click);
      document.removeEventListener('keydown', key);
    };
  }, []);
  return (
    <AppContext.Provider value={parts}>
      <Page route={router.route.value} />
      <ToastHost />
      <TooltipHost />
      <AnnounceHost />
    </AppContext.Provider>
  );
}

function Page({ route }: { route: Route }) {
  const phase = useParley().session.phase.value;
  const inside = phase === 'signed-in' || phase === 'ended';
  return (
    <>
      {inside && <Inside route={route} />}
      <Gate route={route} />
    </>
  );
}

function Inside({ route }: { route: Route }) {
  const admin = useIsAdmin();
  useTitle(route);
  useWayIn(route);
  return (
    <>
      {route.name === 'admin' && admin ? (
        <AdminScreen page={route.page} />
      ) : route.name === 'settings' ? (
        <SettingsScreen page={route.page} />
      ) : (
        <ChatScreen route={route} />
      )}
      <Overlays />
    </>
  );
}

function useWayIn(route: Route): void {
  const { router } = useApp();
  const early = BEFORE_SIGN_IN.has(route.name);
  useEffect(() => {
    if (early) router.go('/', { replace: true });
  }, [early]);
}
