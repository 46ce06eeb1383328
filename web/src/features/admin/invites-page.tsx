import { useEffect, useMemo, useState } from 'preact/hooks';
import { resource } from '../../lib/resource.ts';
import { n } from '../../lib/strings.ts';
import { fullTime } from '../../lib/time.ts';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/dialog.tsx';
import { EmptyState, SkeletonRows } from '../../ui/empty.tsx';
import { Icon } from '../../ui/icon.tsx';
import { openOverlay } from '../../ui/overlay.ts';
import { showToast } from '../../ui/toast.tsx';
import type { Invite } from '../../wire/protocol.ts';
import { useParley } from '../context.ts';
import { say, sayFailure } from '../problems.ts';
import { AdminHead } from './admin-head.tsx';

/** The invitations that still work. A link is shown once, when it is made. */
export function InvitesPage() {
  const { api } = useParley();
  const invites = useMemo(() => resource(() => api.invites()), []);
  const load = () => void invites.load();
  useEffect(load, []);
  const list = invites.value.value?.invites;
  const failed = invites.failure.value;
  return (
    <div class="page scroll grow">
      <div class="inner">
        <AdminHead
          title="Invite links"
          lead={n('admin.invites', list?.length ?? 0)}
          action={{ label: 'New link', act: () => openOverlay('invite', load) }}
        />
        {!list && failed && (
          <EmptyState bad icon="retry" title="Links didn’t load" actions={<Button onClick={load}>Try again</Button>}>
            <p>{sayFailure(failed)}</p>
          </EmptyState>
        )}
        {!list && !failed && <SkeletonRows label="Loading links" />}
        {list?.length === 0 && (
          <EmptyState icon="link" title="No link works now">
            <p>Make one and send it to the people who should join.</p>
          </EmptyState>
        )}
        {list && list.length > 0 && (
          <ul class="rows card" aria-label="Invite links">
            {list.map((invite) => (
              <InviteRow key={invite.id} invite={invite} onGone={load} />
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}

function InviteRow({ invite, onGone }: { invite: Invite; onGone: () => void }) {
  const { api } = useParley();
  const [asking, setAsking] = useState(false);
  const revoke = async () => {
    await api.revokeInvite(invite.id).then(onGone, (err: unknown) => showToast({ text: say(err) }));
  };
  const left = invite.max_uses === 0 ? 'Any number of people' : n('invite.uses', invite.max_uses - invite.uses);
  return (
    <li>
      <Icon name="link" />
      <div>
        <b>{left}</b>
        <small>
          Made {fullTime(Date.parse(invite.created_at))}
          {invite.expires_at && `, works until ${fullTime(Date.parse(invite.expires_at))}`}
        </small>
      </div>
      <Button class="small" onClick={() => setAsking(true)}>
        Revoke
      </Button>
      {asking && (
        <ConfirmDialog
          title="Revoke this link?"
          action="Revoke link"
          onConfirm={revoke}
          onClose={() => setAsking(false)}
        >
          <p>Nobody can join by it any more. People who joined stay.</p>
        </ConfirmDialog>
      )}
    </li>
  );
}
