import { useState } from 'preact/hooks';
import { Button } from '../../ui/button.tsx';
import { FormError, TextField } from '../../ui/field.tsx';
import { useParley } from '../context.ts';
import { useSubmit } from '../use-submit.ts';
import { AccountFields } from './account-fields.tsx';
import { AuthPage } from './auth-page.tsx';

/** First run: names the workspace and makes the first administrator. */
export function SetupPage({ token }: { token: string }) {
  const { session } = useParley();
  const [workspace, setWorkspace] = useState('');
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const send = () =>
    session.setUp({ username, password, workspace: workspace.trim() || undefined, token: token || undefined });
  const { form, busy, general, errors, submit } = useSubmit(send, ['workspace', 'username', 'password']);
  return (
    <AuthPage title="Set up Parley" lead="This takes a minute. You’ll be the administrator.">
      <form ref={form} onSubmit={submit} novalidate>
        <TextField
          label="Workspace name"
          name="workspace"
          autocomplete="organization"
          autofocus
          value={workspace}
          onValue={setWorkspace}
          error={errors['workspace']}
          hint="The name of your team or group."
        />
        <AccountFields fresh {...{ username, password, errors }} onUsername={setUsername} onPassword={setPassword} />
        {general && <FormError>{general}</FormError>}
        <Button kind="primary" type="submit" busy={busy}>
          Create workspace
        </Button>
      </form>
    </AuthPage>
  );
}
