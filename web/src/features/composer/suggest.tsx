import type { RefObject } from 'preact';
import { useState } from 'preact/hooks';
import { Avatar } from '../../ui/avatar.tsx';
import { readSelection, writeSelection } from '../../ui/growing-text.tsx';
import type { Room, UserRef } from '../../wire/protocol.ts';
import { useApp } from '../context.ts';
import { applyMention, mentionAt, people } from './mention.ts';

/** Suggestions for @: the list never takes the focus, the textarea points at its choice. */
export function useSuggest(room: Room, area: RefObject<HTMLTextAreaElement | null>, text: string) {
  const { members, parley } = useApp();
  const [query, setQuery] = useState<string | null>(null);
  const [at, setAt] = useState(0);
  const me = parley.session.user.value?.id ?? 0;
  const found = query === null || text === '' ? [] : people(members.of(room.id).value ?? [], query, me);
  const look = () => {
    const next = area.current ? mentionAt(readSelection(area.current)) : null;
    if (next !== query) setAt(0);
    setQuery(next);
  };
  const pick = (person: UserRef) => {
    if (area.current) writeSelection(area.current, applyMention(readSelection(area.current), person.username));
    setQuery(null);
  };
  const key = (event: KeyboardEvent): boolean => {
    const chosen = found[at];
    if (!chosen) return false;
    if (event.key === 'ArrowDown') setAt((at + 1) % found.length);
    else if (event.key === 'ArrowUp') setAt((at - 1 + found.length) % found.length);
    else if ((event.key === 'Enter' || event.key === 'Tab') && !event.shiftKey) pick(chosen);
    else if (event.key === 'Escape') setQuery(null);
    else return false;
    return true;
  };
  const open = found.length > 0;
  const aria = open
    ? {
        'aria-haspopup': 'listbox' as const,
        'aria-controls': 'suggest',
        'aria-autocomplete': 'list' as const,
        'aria-activedescendant': `suggest-${at}`,
      }
    : {};
  return {
    found,
    at,
    query: query ?? '',
    pick,
    key,
    look: (event?: Event) => void (isMove(event) || look()),
    close: () => setQuery(null),
    aria,
  };
}

// The keys that moved the choice must not look again, or Escape would reopen the list.
function isMove(event?: Event): boolean {
  return event instanceof KeyboardEvent && ['ArrowDown', 'ArrowUp', 'Escape', 'Enter', 'Tab'].includes(event.key);
}

type SuggestProps = Pick<ReturnType<typeof useSuggest>, 'found' | 'at' | 'query' | 'pick'>;

export function Suggest({ found, at, query, pick }: SuggestProps) {
  if (found.length === 0) return null;
  return (
    <div class="suggest" role="listbox" id="suggest" aria-label="People">
      {found.map((person, index) => (
        <button
          type="button"
          key={person.id}
          id={`suggest-${index}`}
          class="opt"
          role="option"
          tabIndex={-1}
          aria-selected={index === at}
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => pick(person)}
        >
          <Avatar id={person.id} name={person.name} size="s" />
          <b dir="auto">{marked(person.name, query)}</b>
          <span class="hint">@{person.username}</span>
        </button>
      ))}
    </div>
  );
}

function marked(name: string, query: string) {
  const at = query === '' ? -1 : name.toLocaleLowerCase().indexOf(query);
  if (at < 0) return name;
  return (
    <>
      {name.slice(0, at)}
      <mark>{name.slice(at, at + query.length)}</mark>
      {name.slice(at + query.length)}
    </>
  );
}
