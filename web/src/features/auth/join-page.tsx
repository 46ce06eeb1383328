import { useEffect, useMemo } from 'preact/hooks';
import { resource } from '../../lib/resource.ts';
import { n } from '../../lib/strings.ts';
import { Button } from '../../ui/button.tsx';
import { useParley } from '../context.ts';
import { sayFailure } from '../problems.ts';
import { AuthPage } from './auth-page.tsx';
import { SignInInstead, SignupForm } from './signup-page.tsx';

/** An invitation: names who invites, or says why the link is dead and whom to ask. */
export function JoinPage({ code }: { code: string }) {
  const { api } = useParley();
  const invitation = useMemo(() => resource(() => api.invitation(code)), [code]);
  useEffect(() => void invitation.load(), [invitation]);
  const known = invitation.value.value;
  const failed = invitation.failure.value;
  if (failed)
    return (
      <DeadLink why={sayFailure(failed)} network={failed.kind === 'network'} onRetry={() => void invitation.load()} />
    );
  if (!known) return <AuthPage title="Join" />;
  const people = n('join.people', known.people);
  return (
    <AuthPage
      title={`Join ${known.workspace}`}
      lead={known.inviter ? `${known.inviter} invited you. ${people}` : people}
    >
      <SignupForm invite={code} />
      <SignInInstead />
    </AuthPage>
  );
}

function DeadLink({ why, network, onRetry }: { why: string; network: boolean; onRetry: () => void }) {
  return (
    <AuthPage
      title={network ? 'Join' : 'This link doesn’t work'}
      lead={network ? why : 'It was used up, taken back, or has expired. Ask the person who sent it for a new one.'}
    >
      {network && <Button onClick={onRetry}>Try again</Button>}
      <SignInInstead />
    </AuthPage>
  );
}
