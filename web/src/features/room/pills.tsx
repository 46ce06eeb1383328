import { n } from '../../lib/strings.ts';
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
