import { useState } from 'preact/hooks';
import { Dot } from '../../ui/badge.tsx';
import { useModal } from '../../ui/dialog.tsx';
import { Icon } from '../../ui/icon.tsx';
import { useApp, useIsAdmin } from '../context.ts';
import { roomIcon } from '../room-icon.tsx';
import { match, pages, roomPlaces, type Match } from './places.ts';

const BEFORE_TYPING = 12;

/** The quick switcher: rooms and pages, all from memory. The field keeps the focus. */
export function JumpDialog({ onClose }: { onClose: () => void }) {
  const { parley, router } = useApp();
  const admin = useIsAdmin();
  const modal = useModal(onClose);
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const rooms = [...parley.rooms.all.value].sort((a, b) => rank(a) - rank(b));
  const found = match([...roomPlaces(rooms, roomIcon), ...pages(admin)], query, query ? undefined : BEFORE_TYPING);
  const go = (one: Match | undefined) => {
    if (!one) return;
    onClose();
    router.go(one.place.href);
  };
  const key = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length > 0) {
      const next = (at + step + found.length) % found.length;
      setAt(next);
      document.getElementById(`jump-${next}`)?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter') go(found[at]);
    else return;
    event.preventDefault();
  };
  return (
    <dialog {...modal} class="dlg top" aria-label="Jump to">
      <div class="find">
        <Icon name="search" />
        <input
          autofocus
          placeholder="Jump to…"
          aria-label="Jump to"
          role="combobox"
          aria-expanded={true}
          aria-controls="jump-list"
          aria-activedescendant={found.length > 0 ? `jump-${at}` : undefined}
          autocomplete="off"
          spellcheck={false}
          value={query}
          onInput={(event) => {
            setQuery(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={key}
        />
        <kbd>Esc</kbd>
      </div>
      {found.length === 0 && <p class="jump-none">Nothing is called “{query}”</p>}
      <div class="menu jump-list" role="listbox" id="jump-list" aria-label="Results">
        {found.map((one, index) => (
          <Result key={one.place.id} match={one} index={index} chosen={index === at} onGo={() => go(one)} />
        ))}
      </div>
      <div class="keys">
        <span>
          <kbd>↑</kbd>
          <kbd>↓</kbd>choose
        </span>
        <span>
          <kbd>Enter</kbd>open
        </span>
      </div>
    </dialog>
  );
}

function Result({
  match: { place, from, to },
  index,
  chosen,
  onGo,
}: {
  match: Match;
  index: number;
  chosen: boolean;
  onGo: () => void;
}) {
  return (
    <button
      type="button"
      class="opt"
      role="option"
      id={`jump-${index}`}
      tabIndex={-1}
      aria-selected={chosen}
      onClick={onGo}
    >
      <Icon name={place.icon} />
      <b dir="auto">
        {place.label.slice(0, from)}
        {to > from && <mark>{place.label.slice(from, to)}</mark>}
        {place.label.slice(to)}
      </b>
      {place.unread && <Dot label="Unread" />}
      {place.hint && <span class="hint">{place.hint}</span>}
    </button>
  );
}

// Unread first, then rooms of mine, then the others; archived ones last.
function rank(room: { unread: number; mentions: number; joined: boolean; archived: boolean }): number {
  if (room.archived) return 4;
  if (room.mentions > 0) return 0;
  if (room.unread > 0 && room.joined) return 1;
  return room.joined ? 2 : 3;
}
