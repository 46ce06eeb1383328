import { useState } from 'preact/hooks';
import { Button } from '../../ui/button.tsx';
import { SegmentedField } from '../../ui/choice.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FormError, TextField } from '../../ui/field.tsx';
import { useApp } from '../context.ts';
import { useSubmit } from '../use-submit.ts';
import { slugFrom } from './slug.ts';

const WHO = [
  { value: 'open', label: 'Everyone' },
  { value: 'private', label: 'Invited people' },
] as const;

/** Makes a room. The address follows the name until it is written by hand. */
export function NewRoomDialog({ onClose }: { onClose: () => void }) {
  const { parley, router } = useApp();
  const [name, setName] = useState('');
  const [ownSlug, setOwnSlug] = useState<string | null>(null);
  const [topic, setTopic] = useState('');
  const [who, setWho] = useState<'open' | 'private'>('open');
  const slug = ownSlug ?? slugFrom(name);
  const create = async () => {
    const room = await parley.rooms.create({
      name: name.trim(),
      slug: slug || undefined,
      topic: topic.trim() || undefined,
      private: who === 'private',
    });
    onClose();
    router.go(`/rooms/${room.slug}`);
  };
  const { form, busy, general, errors, submit } = useSubmit(create, ['name', 'slug', 'topic']);
  return (
    <Dialog title="New room" onClose={onClose}>
      <form ref={form} onSubmit={submit} novalidate>
        <div class="dlg-body">
          <TextField
            label="Name"
            name="name"
            autofocus
            autocomplete="off"
            value={name}
            onValue={setName}
            error={errors['name']}
          />
          <TextField
            label="Address"
            name="slug"
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            dir="ltr"
            value={slug}
            onValue={setOwnSlug}
            error={errors['slug']}
            hint={`${location.host}/rooms/${slug || '…'}`}
          />
          <TextField
            label="Topic"
            name="topic"
            autocomplete="off"
            value={topic}
            onValue={setTopic}
            error={errors['topic']}
            hint="What the room is for. Can be left empty."
          />
          <SegmentedField
            label="Who can see it"
            options={WHO}
            value={who}
            onValue={setWho}
            hint={
              who === 'open'
                ? 'Everybody can find, read and join this room.'
                : 'Only people who were added can find it.'
            }
          />
          {general && <FormError>{general}</FormError>}
        </div>
        <div class="dlg-acts">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" busy={busy}>
            Create room
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
