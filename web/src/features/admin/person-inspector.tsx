import { useState } from 'preact/hooks';
import { Avatar } from '../../ui/avatar.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { SegmentedField } from '../../ui/choice.tsx';
import { ConfirmDialog } from '../../ui/dialog.tsx';
import { FormError } from '../../ui/field.tsx';
import { showToast } from '../../ui/toast.tsx';
import type { User, UserChange } from '../../wire/protocol.ts';
import { useParley } from '../context.ts';
import { ResetPasswordDialog } from './reset-password-dialog.tsx';
import { useSubmit } from '../use-submit.ts';

const ROLES = [
  { value: 'member', label: 'Member' },
  { value: 'admin', label: 'Administrator' },
] as const;

interface PersonInspectorProps {
  user: User;
  onChanged: () => void;
  onClose: () => void;
}

/** One person's account: role, password, and whether it can be used. */
export function PersonInspector({ user, onChanged, onClose }: PersonInspectorProps) {
  const { api, session } = useParley();
  const [role, setRole] = useState(user.role);
  const [asking, setAsking] = useState(false);
  const [resetting, setResetting] = useState(false);
  const me = session.user.value?.id === user.id;
  const change = async (part: UserChange, said: string) => {
    await api.changeUser(user.id, part);
    showToast({ text: said });
    onChanged();
  };
  const { form, busy, general, submit } = useSubmit(() => change({ role }, 'Role saved'));
  const toggle = useSubmit(() =>
    change({ disabled: !user.disabled }, user.disabled ? 'Account enabled' : 'Account disabled'),
  );
  const dirty = role !== user.role;
  return (
    <aside class="panel" aria-label="Account" data-region="panel" tabIndex={-1}>
      <div class="bar">
        <h2 dir="auto">{user.name}</h2>
        <span class="sp" />
        <IconButton icon="x" label="Close" onClick={onClose} />
      </div>
      <form class="insp scroll" id="person-form" ref={form} onSubmit={submit}>
        <div class="row">
          <Avatar id={user.id} name={user.name} />
          <div>
            <b dir="auto">{user.name}</b>
            <small>
              @{user.username}
              {me && ' · you'}
            </small>
          </div>
        </div>
        {user.role !== 'bot' && (
          <SegmentedField
            label="Role"
            options={ROLES}
            value={role as 'member' | 'admin'}
            onValue={setRole}
            hint="Administrators make rooms, manage people and can delete any message."
          />
        )}
        {(general || toggle.general) && <FormError>{general || toggle.general}</FormError>}
        <hr />
        {me && (
          <p class="hint">
            Your own password is changed in your <a href="/settings/account">account settings</a>.
          </p>
        )}
        <div class="acts-row">
          {!me && user.role !== 'bot' && <Button onClick={() => setResetting(true)}>Reset password</Button>}
          {!me && (
            <Button
              kind={user.disabled ? 'default' : 'danger'}
              busy={toggle.busy}
              onClick={() => (user.disabled ? void toggle.submit() : setAsking(true))}
            >
              {user.disabled ? 'Enable account' : 'Disable account'}
            </Button>
          )}
        </div>
      </form>
      <div class="foot">
        {dirty && <span class="hint">Unsaved changes</span>}
        <span class="sp" />
        <Button kind="quiet" off={!dirty} onClick={() => setRole(user.role)}>
          Discard
        </Button>
        <Button kind="primary" type="submit" form="person-form" busy={busy} off={!dirty}>
          Save
        </Button>
      </div>
      {resetting && <ResetPasswordDialog user={user} onClose={() => setResetting(false)} />}
      {asking && (
        <ConfirmDialog
          title={`Disable ${user.name}?`}
          action="Disable account"
          onConfirm={() => toggle.submit()}
          onClose={() => setAsking(false)}
        >
          <p>They are signed out everywhere and can’t sign in. Their messages stay.</p>
        </ConfirmDialog>
      )}
    </aside>
  );
}
