import { useState } from 'preact/hooks';
import { Button } from '../../ui/button.tsx';
import { FormError } from '../../ui/field.tsx';
import { useParley } from '../context.ts';
import { useSubmit } from '../use-submit.ts';
import { AccountFields } from './account-fields.tsx';
import { AuthPage } from './auth-page.tsx';

/** Sign-in stands at whatever address was asked for, so that one lands there afterwards. */
export function LoginPage() {
  const { session } = useParley();
  const server = session.server.value;
  return (
    <AuthPage title={`Sign in to ${server?.name ?? 'Parley'}`}>
      <LoginForm />
      {server?.signup === 'open' && (
        <p>
          New here?{' '}
          <a class="lnk" href="/signup">
            Create an account
          </a>
        </p>
      )}
    </AuthPage>
  );
}

/** The fields alone; the dialog for an ended session uses them too. */
export function LoginForm({ as }: { as?: string }) {
  const { session } = useParley();
  const [username, setUsername] = useState(as ?? '');
  const [password, setPassword] = useState('');
  const { form, busy, general, errors, submit } = useSubmit(
    () => session.logIn({ username, password }),
    ['username', 'password'],
  );
  return (
    <form ref={form} class="form" onSubmit={submit} novalidate>
      <AccountFields
        fresh={false}
        focus={as ? 'password' : 'username'}
        {...{ username, password, errors }}
        onUsername={setUsername}
        onPassword={setPassword}
      />
      {general && <FormError>{general}</FormError>}
      <Button kind="primary" type="submit" busy={busy}>
        Sign in
      </Button>
    </form>
  );
}
