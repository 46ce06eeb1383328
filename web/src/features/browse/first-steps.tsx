import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { Button, IconButton } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { openOverlay } from '../../ui/overlay.ts';
import { useApp } from '../context.ts';

/** After set-up: what to do first. It goes away when everything is done or when it is closed. */
export function FirstSteps() {
  const { parley, steps } = useApp();
  const { rooms, session } = parley;
  const invited = steps.phase.value === 'invited';
  const made = rooms.all.value.length > 0;
  useEffect(() => {
    if (made && invited) steps.reach('done');
  }, [made, invited]);
  const invite = () => openOverlay('invite', () => steps.reach('invited'));
  return (
    <section class="steps card" aria-label="First steps">
      <div class="steps-top">
        <div>
          <h2>Welcome to {session.server.value?.name ?? 'Parley'}</h2>
          <p>Two steps, and people can talk.</p>
        </div>
        <IconButton icon="x" label="Close first steps" onClick={() => steps.reach('done')} />
      </div>
      <ol>
        <Step
          at={1}
          done={made}
          title="Make the first room"
          hint="Rooms are where people talk. Open ones can be found by everybody."
        >
          <Button kind={made ? 'default' : 'primary'} onClick={() => openOverlay('new-room')}>
            New room
          </Button>
        </Step>
        <Step at={2} done={invited} title="Invite people" hint="Make a link and send it to your team.">
          <Button onClick={invite}>Invite people</Button>
        </Step>
      </ol>
    </section>
  );
}

interface StepProps {
  at: number;
  done: boolean;
  title: string;
  hint: string;
  children: ComponentChildren;
}

function Step({ at, done, title, hint, children }: StepProps) {
  return (
    <li class={done ? 'done' : undefined}>
      <span class="tick">{done ? <Icon name="check" small /> : at}</span>
      <div>
        <b>{title}</b>
        <small>{hint}</small>
      </div>
      {done ? <span class="vh">done</span> : children}
    </li>
  );
}
