import { list } from '../../lib/strings.ts';
import { useParley } from '../context.ts';

const NAMED = 2;

/** Who is typing, in a line of fixed height. */
export function TypingLine({ room }: { room: number }) {
  const typing = useParley().company.typing(room).value;
  if (typing.length === 0) return <div class="typing" />;
  return (
    <div class="typing">
      <i aria-hidden="true">
        <span />
      </i>
      <span dir="auto">
        {typing.length > NAMED ? (
          'Several people are typing'
        ) : (
          <>
            <b>{list(typing.map((one) => one.name))}</b> {typing.length > 1 ? 'are typing' : 'is typing'}
          </>
        )}
      </span>
    </div>
  );
}
