import { useState } from 'preact/hooks';
import { Avatar } from '../../ui/avatar.tsx';
import { Button } from '../../ui/button.tsx';
import { FormError, PasswordField, TextField } from '../../ui/field.tsx';
import { showToast } from '../../ui/toast.tsx';
import { useParley } from '../context.ts';
import { useSubmit } from '../use-submit.ts';

/** Who I am to others, and my password. */
export function AccountSettings() {
  const user = useParley().session.user.value;
  if (!user) return null;
  return (
    <>
      <div class="page-top">
        <Avatar id={user.id} name={user.name} size="l" />
        <div>
          <h1>Account</h1>
          <p>
            You sign in as <b>{user.username}</b>.
          </p>
        </div>
      </div>
      <div class="settings">
        <NameForm name={user.name} />
        <PasswordForm />
      </div>
    </>
  );
}

function NameForm({ name: before }: { name: string }) {
  const { session } = useParley();
  const [name, setName] = useState(before);
  const save = async () => {
    await session.rename(name.trim());
    showToast({ text: 'Name saved' });
  };
  const { form, busy, general, errors, submit } = useSubmit(save, ['name']);
  return (
    <section aria-label="Name">
      <h2>Name</h2>
      <form class="form" ref={form} onSubmit={submit} novalidate>
        <TextField
          label="Display name"
          name="name"
          autocomplete="name"
          value={name}
          onValue={setName}
          error={errors['name']}
          hint="What others see beside your messages."
        />
        {general && <FormError>{general}</FormError>}
        <div>
          <Button kind="primary" type="submit" busy={busy} off={name.trim() === before}>
            Save
          </Button>
        </div>
      </form>
    </section>
  );
}

function PasswordForm() {
  const { api } = useParley();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const save = async () => {
    await api.changePassword({ current, new: next });
    setCurrent('');
    setNext('');
    showToast({ text: 'Password changed. All other sessions were signed out.' });
  };
  const { form, busy, general, errors, submit } = useSubmit(save, ['current', 'new']);
  return (
    <section aria-label="Password">
      <h2>Password</h2>
      <p>A new password signs out all your other sessions.</p>
      <form class="form" ref={form} onSubmit={submit} novalidate>
        <PasswordField
          label="Current password"
          name="current"
          autocomplete="current-password"
          value={current}
          onValue={setCurrent}
          error={errors['current']}
        />
        <PasswordField
          label="New password"
          name="new"
          autocomplete="new-password"
          value={next}
          onValue={setNext}
          error={errors['new']}
          hint="A few words work well."
        />
        {general && <FormError>{general}</FormError>}
        <div>
          <Button type="submit" busy={busy}>
            Change password
          </Button>
        </div>
      </form>
    </section>
  );
}
