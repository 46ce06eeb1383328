import { useEffect, useState } from 'preact/hooks';
import { n } from '../../lib/strings.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { SegmentedField } from '../../ui/choice.tsx';
import { FormError, TextArea, TextField } from '../../ui/field.tsx';
import { openOverlay } from '../../ui/overlay.ts';
import { showToast } from '../../ui/toast.tsx';
import type { Room } from '../../wire/protocol.ts';
import { useApp, useParley } from '../context.ts';
import { RoomIcon } from '../room-icon.tsx';
import { useSubmit } from '../use-submit.ts';
import { RoomEnd } from './room-end.tsx';

const WHO = [
  { value: 'open', label: 'Everyone' },
  { value: 'private', label: 'Invited people' },
] as const;

const FACES = 4;

interface RoomInspectorProps {
  id: number;
  onDirty: (dirty: boolean) => void;
  onClose: () => void;
}

/** A room's settings. Everything is saved by one button in the foot. */
export function RoomInspector({ id, onDirty, onClose }: RoomInspectorProps) {
  const room = useParley().rooms.byId(id);
  if (!room) return null;
  return (
    <aside class="panel" aria-label="Room settings" data-region="panel" tabIndex={-1}>
      <div class="bar">
        <h2 dir="auto">
          <RoomIcon room={room} />
          {room.name}
        </h2>
        <span class="sp" />
        <IconButton icon="x" label="Close" onClick={onClose} />
      </div>
      <RoomForm room={room} onDirty={onDirty} onClose={onClose} />
    </aside>
  );
}

interface Values {
  name: string;
  slug: string;
  topic: string;
  private: boolean;
}

function valuesOf(room: Room): Values {
  return { name: room.name, slug: room.slug, topic: room.topic, private: room.private };
}

function RoomForm({ room, onDirty, onClose }: { room: Room; onDirty: (dirty: boolean) => void; onClose: () => void }) {
  const { rooms, session } = useParley();
  const saved = valuesOf(room);
  const [values, setValues] = useState(saved);
  const dirty = JSON.stringify(values) !== JSON.stringify(saved);
  useEffect(() => onDirty(dirty), [dirty]);
  const set = (part: Partial<Values>) => setValues({ ...values, ...part });
  const save = async () => {
    await rooms.change(room.id, changed(saved, values));
    showToast({ text: 'Room saved' });
  };
  const { form, busy, general, errors, submit } = useSubmit(save, ['name', 'slug', 'topic']);
  const workspace = session.server.value?.name ?? 'Parley';
  return (
    <>
      <form class="insp scroll" ref={form} id="room-form" onSubmit={submit} novalidate>
        <TextField
          label="Name"
          name="name"
          autocomplete="off"
          value={values.name}
          onValue={(name) => set({ name })}
          error={errors['name']}
        />
        <TextField
          label="Address"
          name="slug"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          dir="ltr"
          value={values.slug}
          onValue={(slug) => set({ slug })}
          error={errors['slug']}
          hint={`${location.host}/rooms/${values.slug}`}
        />
        <TextArea
          label="Topic"
          name="topic"
          value={values.topic}
          onValue={(topic) => set({ topic })}
          error={errors['topic']}
        />
        <SegmentedField
          label="Who can see it"
          options={WHO}
          value={values.private ? 'private' : 'open'}
          onValue={(who) => set({ private: who === 'private' })}
          hint={
            values.private
              ? 'Only people who were added can find it.'
              : `Anyone in ${workspace} can find and join this room.`
          }
        />
        {general && <FormError>{general}</FormError>}
        <hr />
        <RoomPeople room={room} />
        <RoomEnd room={room} onGone={onClose} />
      </form>
      <div class="foot">
        {dirty && <span class="hint">Unsaved changes</span>}
        <span class="sp" />
        <Button kind="quiet" off={!dirty} onClick={() => setValues(saved)}>
          Discard
        </Button>
        <Button kind="primary" type="submit" form="room-form" busy={busy} off={!dirty}>
          Save
        </Button>
      </div>
    </>
  );
}

function changed(before: Values, after: Values): Partial<Values> {
  const keys = Object.keys(after) as (keyof Values)[];
  return Object.fromEntries(keys.filter((key) => before[key] !== after[key]).map((key) => [key, after[key]]));
}

function RoomPeople({ room }: { room: Room }) {
  const { members } = useApp();
  const people = members.of(room.id).value;
  useEffect(() => {
    members.load(room.id).catch(() => undefined);
  }, [room.id]);
  return (
    <div class="row">
      <div>
        <b>{people ? n('room.people', people.length) : 'People'}</b>
        {people && people.length > 0 && (
          <small>
            {people
              .slice(0, FACES)
              .map((one) => one.name)
              .join(', ')}
          </small>
        )}
      </div>
      <span class="stack">
        {people?.slice(0, FACES).map((one) => (
          <Avatar key={one.id} id={one.id} name={one.name} size="s" />
        ))}
      </span>
      {!room.archived && (
        <Button class="small" onClick={() => openOverlay('add-people', room.id)}>
          Add
        </Button>
      )}
    </div>
  );
}
