import { list } from '../../lib/strings.ts';
import { Icon } from '../../ui/icon.tsx';
import type { Message, Reaction } from '../../wire/protocol.ts';
import { useListActions } from './list-actions.ts';

/** Chips under a message: pressed where one of them is mine. */
export function Reactions({ message }: { message: Message }) {
  const actions = useListActions();
  const reactions = message.reactions ?? [];
  if (reactions.length === 0) return null;
  return (
    <div class="rx">
      {reactions.map((reaction) => (
        <Chip
          key={reaction.emoji}
          reaction={reaction}
          onPress={() => actions?.react(message.seq, reaction.emoji, !reaction.mine)}
        />
      ))}
      {actions?.canWrite && (
        <button
          type="button"
          class="more"
          aria-label="Add reaction"
          data-tip="Add reaction"
          onClick={(event) => actions.pickReaction(message.seq, event.currentTarget)}
        >
          <Icon name="smile" small />
        </button>
      )}
    </div>
  );
}

function Chip({ reaction, onPress }: { reaction: Reaction; onPress: () => void }) {
  const { emoji, count, mine } = reaction;
  return (
    <button
      type="button"
      aria-pressed={mine ?? false}
      aria-label={`${emoji} ${count}${mine ? ', including you' : ''}`}
      data-tip={whoReacted(reaction)}
      onClick={onPress}
    >
      {emoji} {count}
    </button>
  );
}

function whoReacted({ users, count }: Reaction): string {
  const names = users.map((user) => user.name);
  const rest = count - names.length;
  return list(rest > 0 ? [...names, `${rest} more`] : names);
}
