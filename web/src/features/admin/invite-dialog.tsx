import { useState } from 'preact/hooks';
import { Button } from '../../ui/button.tsx';
import { SelectField } from '../../ui/choice.tsx';
import { copyText } from '../../ui/copy.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { FormError } from '../../ui/field.tsx';
import { useParley } from '../context.ts';
import { useSubmit } from '../use-submit.ts';

const USES = [
  { value: '0', label: 'Any number of people' },
  { value: '1', label: 'One person' },
  { value: '10', label: '10 people' },
  { value: '50', label: '50 people' },
] as const;

const DAY = 86_400;

const LIVES = [
  { value: String(DAY), label: 'One day' },
  { value: String(7 * DAY), label: '7 days' },
  { value: String(30 * DAY), label: '30 days' },
  { value: String(90 * DAY), label: '90 days' },
];

/** Makes an invitation and shows its link, this once. */
export function InviteDialog({ onClose, onMade }: { onClose: () => void; onMade?: () => void }) {
  const { api } = useParley();
  const [uses, setUses] = useState<string>('0');
  const [life, setLife] = useState(String(7 * DAY));
  const [url, setUrl] = useState('');
  const make = async () => {
    const invite = await api.createInvite({ uses: Number(uses), expires_in: Number(life) });
    setUrl(invite.url ?? '');
    onMade?.();
  };
  const { form, busy, general, submit } = useSubmit(make);
  if (url) return <Made url={url} onClose={onClose} />;
  return (
    <Dialog title="Invite people" onClose={onClose}>
      <form ref={form} onSubmit={submit}>
        <div class="dlg-body">
          <SelectField label="Who can use it" options={USES} value={uses as '0'} onValue={setUses} />
          <SelectField label="Works for" options={LIVES} value={life} onValue={setLife} />
          {general && <FormError>{general}</FormError>}
        </div>
        <div class="dlg-acts">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" busy={busy}>
            Make link
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Made({ url, onClose }: { url: string; onClose: () => void }) {
  return (
    <Dialog title="Invite link" onClose={onClose}>
      <div class="dlg-body">
        <p>Send this link to the people who should join. It is shown only now.</p>
        <div class="copy-line">
          <input
            class="in"
            readOnly
            aria-label="Invite link"
            value={url}
            onFocus={(event) => event.currentTarget.select()}
          />
          <Button kind="primary" icon="copy" onClick={() => void copyText(url, 'Link copied')}>
            Copy
          </Button>
        </div>
      </div>
      <div class="dlg-acts">
        <Button onClick={onClose}>Done</Button>
      </div>
    </Dialog>
  );
}
