import type { OutboxItem } from '../../state/contract.ts';
import { Icon } from '../../ui/icon.tsx';
import { useParley } from '../context.ts';

/** What is happening to a message of mine that the server has not confirmed. */
export function SendState({ item }: { item: OutboxItem }) {
  const { outbox, connection } = useParley();
  if (item.phase === 'sent') return null;
  if (item.phase === 'failed') {
    return (
      <div class="state bad">
        <Icon name="alert" />
        <span>{item.problem?.detail ? `Not sent. ${item.problem.detail}` : 'Not sent.'}</span>
        <span class="ways">
          <button type="button" onClick={() => outbox.retry(item.key)}>
            Try again
          </button>
          <span aria-hidden="true">·</span>
          <button type="button" onClick={() => outbox.discard(item.key)}>
            Delete
          </button>
        </span>
      </div>
    );
  }
  const waiting = item.phase === 'waiting' && !connection.connected.value;
  return (
    <div class={waiting ? 'state' : 'state late4'}>
      <Icon name="clock" />
      {waiting ? 'Waiting for connection' : 'Sending…'}
    </div>
  );
}
