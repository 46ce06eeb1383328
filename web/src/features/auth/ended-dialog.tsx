import { Dialog } from '../../ui/dialog.tsx';
import { useParley } from '../context.ts';
import { LoginForm } from './login-page.tsx';

/** Signed out while in use: the room stays behind it, and with it everything that was being written. */
export function EndedDialog() {
  const user = useParley().session.user.value;
  return (
    <Dialog title="You were signed out" class="slim">
      <div class="dlg-body">
        <p>Sign in again to go on. Your drafts and unsent messages are safe on this device.</p>
        <LoginForm as={user?.username} />
      </div>
    </Dialog>
  );
}
