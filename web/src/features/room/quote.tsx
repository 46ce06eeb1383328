import { useParley } from '../context.ts';
import { useListActions } from './list-actions.ts';

/** One line of the message that this one answers; a press goes there. */
export function Quote({ room, seq }: { room: number; seq: number }) {
  const original = useParley().timeline(room).quoted(seq).value;
  const actions = useListActions();
  if (original === undefined)
    return (
      <div class="quote-ref">
        <span>…</span>
      </div>
    );
  if (original === null || original.deleted_at)
    return (
      <div class="quote-ref">
        <span>Message deleted</span>
      </div>
    );
  return (
    <button
      type="button"
      class="quote-ref"
      onClick={() => actions?.jumpTo(seq)}
      aria-label={`In answer to ${original.user.name}: ${original.text.slice(0, 140)}`}
    >
      <b dir="auto">{original.user.name}</b>
      <span dir="auto">{original.text.replace(/\s+/gu, ' ').slice(0, 240)}</span>
    </button>
  );
}
