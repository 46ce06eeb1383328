import { useState } from 'preact/hooks';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FormError, PasswordField } from '../../ui/field.tsx';
import { showToast } from '../../ui/toast.tsx';
import type { User } from '../../wire/protocol.ts';
import { useParley } from '../context.ts';
import { useSubmit } from '../use-submit.ts';

/** Gives somebody else a new password; they are signed out everywhere. */
export function ResetPasswordDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const { api } = useParley();
  const [password, setPassword] = useState('');
  const reset = async () => {
    await api.changeUser(user.id, { password });
    showToast({ text: `${user.name} has a new password` });
    onClose();
  };
  const { form, busy, general, errors, submit } = useSubmit(reset, ['password']);
  return (
    <Dialog title={`New password for ${user.name}`} onClose={onClose}>
      <form ref={form} onSubmit={submit} novalidate>
        <div class="dlg-body">
          <p>They are signed out everywhere and sign in with the new password.</p>
          <PasswordField
            label="New password"
            name="password"
            autofocus
            autocomplete="new-password"
            value={password}
            onValue={setPassword}
            error={errors['password']}
            hint="Tell it to the person; they can change it in Settings."
          />
          {general && <FormError>{general}</FormError>}
        </div>
        <div class="dlg-acts">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" busy={busy}>
            Reset password
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
