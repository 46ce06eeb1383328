import { useState } from 'preact/hooks';
import { Button } from '../../ui/button.tsx';
import { FormError } from '../../ui/field.tsx';
import { useParley } from '../context.ts';
import { useSubmit } from '../use-submit.ts';
import { AccountFields } from './account-fields.tsx';
import { AuthPage } from './auth-page.tsx';

/** Sign-up without an invitation, where the workspace allows it. */
export function SignupPage() {
  const server = useParley().session.server.value;
  const name = server?.name ?? 'Parley';
  const shut = server && server.signup !== 'open';
  if (shut) return <SignupShut name={name} invite={server.signup === 'invite'} />;
  return (
    <AuthPage title={`Join ${name}`} lead="Choose a user name and a password.">
      <SignupForm />
      <SignInInstead />
    </AuthPage>
  );
}

export function SignupForm({ invite }: { invite?: string }) {
  const { session } = useParley();
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const { form, busy, general, errors, submit } = useSubmit(
    () => session.signUp({ username, password, invite }),
    ['username', 'password'],
  );
  return (
    <form ref={form} onSubmit={submit} novalidate>
      <AccountFields
        fresh
        focus="username"
        {...{ username, password, errors }}
        onUsername={setUsername}
        onPassword={setPassword}
      />
      {general && <FormError>{general}</FormError>}
      <Button kind="primary" type="submit" busy={busy}>
        Create account
      </Button>
    </form>
  );
}

function SignupShut({ name, invite }: { name: string; invite: boolean }) {
  const why = invite
    ? 'People join here by invitation. Ask an administrator for a link.'
    : 'New accounts are made by an administrator. Ask one of them.';
  return (
    <AuthPage title={`Join ${name}`} lead={why}>
      <SignInInstead />
    </AuthPage>
  );
}

export function SignInInstead() {
  return (
    <p>
      Already have an account?{' '}
      <a class="lnk" href="/login">
        Sign in
      </a>
    </p>
  );
}
