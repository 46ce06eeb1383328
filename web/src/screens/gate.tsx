import { EndedDialog } from '../features/auth/ended-dialog.tsx';
import { JoinPage } from '../features/auth/join-page.tsx';
import { LoginPage } from '../features/auth/login-page.tsx';
import { SetupPage } from '../features/auth/setup-page.tsx';
import { SignupPage } from '../features/auth/signup-page.tsx';
import { useApp } from '../features/context.ts';
import { sayFailure } from '../features/problems.ts';
import type { Route } from '../lib/router.ts';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty.tsx';
import { Mark } from '../ui/icon.tsx';

/** What stands before the chat: set-up, sign-in, or why the server can't be used. Null when signed in. */
export function Gate({ route }: { route: Route }) {
  const { parley } = useApp();
  switch (parley.session.phase.value) {
    case 'starting':
      return <Splash />;
    case 'unreachable':
      return <Unreachable />;
    case 'refused':
      return <Refused />;
    case 'setup':
      return <SetupPage token={route.name === 'setup' ? route.token : ''} />;
    case 'signed-out':
      return <SignedOut route={route} />;
    case 'ended':
      return <EndedDialog />;
    case 'signed-in':
      return null;
  }
}

function SignedOut({ route }: { route: Route }) {
  if (route.name === 'join') return <JoinPage code={route.code} />;
  return route.name === 'signup' ? <SignupPage /> : <LoginPage />;
}

function Splash() {
  return (
    <main class="splash late" aria-busy="true">
      <div role="status" aria-label="Loading Parley">
        <Mark />
      </div>
    </main>
  );
}

function Unreachable() {
  const { parley } = useApp();
  const failed = parley.session.failure.value;
  return (
    <main class="splash">
      <EmptyState
        main
        bad
        icon="wifi"
        title="Can’t reach the server"
        actions={<Button onClick={() => void parley.start()}>Try again</Button>}
      >
        <p>
          {failed && failed.kind === 'problem' ? sayFailure(failed) : 'It keeps trying by itself.'} Your drafts are safe
          on this device.
        </p>
      </EmptyState>
    </main>
  );
}

function Refused() {
  return (
    <main class="splash">
      <EmptyState main bad icon="lock" title="This account can’t be used here">
        <p>It was disabled. Ask an administrator.</p>
      </EmptyState>
    </main>
  );
}
