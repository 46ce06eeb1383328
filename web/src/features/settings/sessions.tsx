import { useEffect, useMemo, useState } from 'preact/hooks';
import { resource } from '../../lib/resource.ts';
import { fullTime } from '../../lib/time.ts';
import { Pill } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { EmptyState, SkeletonRows } from '../../ui/empty.tsx';
import { Icon } from '../../ui/icon.tsx';
import { showToast } from '../../ui/toast.tsx';
import type { Session } from '../../wire/protocol.ts';
import { useParley } from '../context.ts';
import { say, sayFailure } from '../problems.ts';

/** Where I am signed in. */
export function SessionSettings() {
  const { api } = useParley();
  const sessions = useMemo(() => resource(() => api.sessions()), []);
  useEffect(() => void sessions.load(), []);
  const failed = sessions.failure.value;
  const list = sessions.value.value?.sessions;
  return (
    <>
      <div class="page-top">
        <div>
          <h1>Sessions</h1>
          <p>Every browser in which you are signed in.</p>
        </div>
      </div>
      {!list && failed && (
        <EmptyState
          bad
          icon="retry"
          title="Sessions didn’t load"
          actions={<Button onClick={() => void sessions.load()}>Try again</Button>}
        >
          <p>{sayFailure(failed)}</p>
        </EmptyState>
      )}
      {!list && !failed && <SkeletonRows label="Loading sessions" />}
      {list && (
        <ul class="rows card" aria-label="Sessions">
          {list.map((session) => (
            <SessionRow key={session.id} session={session} onGone={() => void sessions.load()} />
          ))}
        </ul>
      )}
    </>
  );
}

function SessionRow({ session, onGone }: { session: Session; onGone: () => void }) {
  const { api } = useParley();
  const [busy, setBusy] = useState(false);
  const end = async () => {
    setBusy(true);
    await api.endSession(session.id).then(onGone, (err: unknown) => showToast({ text: say(err) }));
    setBusy(false);
  };
  return (
    <li>
      <Icon name="screen" />
      <div>
        <b>{session.device || 'Unknown browser'}</b>
        <small>Last used {fullTime(Date.parse(session.seen_at))}</small>
      </div>
      {session.current ? (
        <Pill>This one</Pill>
      ) : (
        <Button class="small" busy={busy} onClick={end}>
          Sign out
        </Button>
      )}
    </li>
  );
}
