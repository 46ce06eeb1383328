import { useState } from 'preact/hooks';
import { Button } from '../../ui/button.tsx';
import { SegmentedField } from '../../ui/choice.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FormError, PasswordField, TextField } from '../../ui/field.tsx';
import { useParley } from '../context.ts';
import { useSubmit } from '../use-submit.ts';

const ROLES = [
  { value: 'member', label: 'Member' },
  { value: 'admin', label: 'Administrator' },
] as const;

/** Makes an account for somebody else. */
export function AddPersonDialog({ onClose, onAdded }: { onClose: () => void; onAdded: () => void }) {
  const { api } = useParley();
  const [username, setUsername] = useState('');
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [role, setRole] = useState<'member' | 'admin'>('member');
  const add = async () => {
    await api.createUser({ username, password, name: name.trim() || undefined, role });
    onAdded();
    onClose();
  };
  const { form, busy, general, errors, submit } = useSubmit(add, ['username', 'name', 'password']);
  return (
    <Dialog title="Add person" onClose={onClose}>
      <form ref={form} onSubmit={submit} novalidate>
        <div class="dlg-body">
          <TextField
            label="User name"
            name="username"
            autofocus
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            value={username}
            onValue={setUsername}
            error={errors['username']}
          />
          <TextField
            label="Display name"
            name="name"
            autocomplete="off"
            value={name}
            onValue={setName}
            error={errors['name']}
            hint="Can be left empty."
          />
          <PasswordField
            label="Password"
            name="password"
            autocomplete="new-password"
            value={password}
            onValue={setPassword}
            error={errors['password']}
            hint="Tell it to the person; they can change it in Settings."
          />
          <SegmentedField label="Role" options={ROLES} value={role} onValue={setRole} />
          {general && <FormError>{general}</FormError>}
        </div>
        <div class="dlg-acts">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" busy={busy}>
            Add person
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
