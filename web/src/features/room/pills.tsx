import { n } from '../../lib/strings.ts';
import { useRef } from 'preact/hooks';
import { dayName } from '../../lib/time.ts';
import { Icon } from '../../ui/icon.tsx';
import { useParley } from '../context.ts';
import type { ListView } from './list-view.ts';

/** The ways to what is out of view: new messages below, unread ones above. */
export function Pills({ view }: { view: ListView }) {
  const { place } = useParley();
  const pill = view.pill.value;
  const unread = place.newCount.value;
  return (
    <>
      <DayNow view={view} />
      {view.unreadAbove.value && unread > 0 && (
        <button type="button" class="latest above" onClick={() => void view.toUnread()}>
          <Icon name="arrup" small />
          {n('room.unread', unread)}
        </button>
      )}
      {pill.kind !== 'none' && (
        <button
          type="button"
          class={pill.kind === 'new' ? 'latest' : 'latest plain'}
          onClick={() => void view.toLatest()}
        >
          <Icon name="arrdn" small />
          {pill.kind === 'new' ? n('room.newMessages', pill.count) : 'Jump to latest'}
        </button>
      )}
    </>
  );
}

/** The day of what is on top, while scrolling; it keeps its text while it fades. */
function DayNow({ view }: { view: ListView }) {
  const at = view.topDay.value;
  const text = useRef('');
  if (at > 0) text.current = dayName(at, Date.now());
  return (
    <div class={at > 0 ? 'day-now shown' : 'day-now'} aria-hidden="true">
      {text.current}
    </div>
  );
}
