import { useState } from 'preact/hooks';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FormError, TextArea, TextField } from '../../ui/field.tsx';
import type { Room } from '../../wire/protocol.ts';
import { useParley } from '../context.ts';
import { useSubmit } from '../use-submit.ts';

/** Name and topic of a room, from within it. */
export function EditRoomDialog({ room, onClose }: { room: Room; onClose: () => void }) {
  const { rooms } = useParley();
  const [name, setName] = useState(room.name);
  const [topic, setTopic] = useState(room.topic);
  const save = async () => {
    await rooms.change(room.id, { name: name.trim(), topic: topic.trim() });
    onClose();
  };
  const { form, busy, general, errors, submit } = useSubmit(save, ['name', 'topic']);
  return (
    <Dialog title={`Edit #${room.slug}`} onClose={onClose}>
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
          <TextArea
            label="Topic"
            name="topic"
            value={topic}
            onValue={setTopic}
            error={errors['topic']}
            hint="One line that says what the room is for."
          />
          {general && <FormError>{general}</FormError>}
        </div>
        <div class="dlg-acts">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" busy={busy}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
