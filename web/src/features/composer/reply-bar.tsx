import { IconButton } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { useParley } from '../context.ts';

/** Which message the next one answers. */
export function ReplyBar({ room, seq, onStop }: { room: number; seq: number; onStop: () => void }) {
  const original = useParley().timeline(room).quoted(seq).value;
  return (
    <div class="replying full">
      <Icon name="reply" />
      <p dir="auto">
        {original ? (
          <>
            Reply to <b>{original.user.name}</b> · {original.text}
          </>
        ) : (
          'Reply'
        )}
      </p>
      <IconButton icon="x" small label="Stop replying" onClick={onStop} />
    </div>
  );
}
