import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon } from '../icon.tsx';
import { findEmoji, GROUPS } from './list.ts';
import { recentEmoji } from './recent.ts';

const COLUMNS = 8;

const STEPS: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS };

/** Search, the frequent ones, and all groups. Arrows move the choice, Enter takes it; the field keeps the focus. */
export function Picker({ onPick }: { onPick: (emoji: string) => void }) {
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => field.current?.focus({ preventScroll: true }), []);
  const groups = query.trim()
    ? [{ name: 'Found', emoji: findEmoji(query) }]
    : [{ name: 'Often used', emoji: recentEmoji().map((sign) => [sign, ''] as const) }, ...GROUPS];
  const flat = groups.flatMap((group) => group.emoji);
  const key = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (step && (event.key === 'ArrowUp' || event.key === 'ArrowDown' || query === '')) move(step);
    else if (event.key === 'Enter' && flat[at]) onPick(flat[at]![0]);
    else return;
    event.preventDefault();
  };
  const move = (step: number) => {
    const next = Math.min(Math.max(0, at + step), flat.length - 1);
    setAt(next);
    list.current?.querySelectorAll('button')[next]?.scrollIntoView({ block: 'nearest' });
  };
  const search = (value: string) => {
    setQuery(value);
    setAt(0);
  };
  let shown = 0;
  return (
    <>
      <div class="find">
        <Icon name="search" />
        <input
          ref={field}
          type="search"
          placeholder="Find an emoji"
          aria-label="Find an emoji"
          value={query}
          onInput={(event) => search(event.currentTarget.value)}
          onKeyDown={key}
        />
      </div>
      <div class="groups" ref={list}>
        {flat.length === 0 && <p class="none">No emoji for “{query}”</p>}
        {groups.map((group) => (
          <section key={group.name} aria-label={group.name}>
            {flat.length > 0 && <h3>{group.name}</h3>}
            <div class="emo" role="listbox" aria-label={group.name}>
              {group.emoji.map(([sign, words]) => (
                <button
                  type="button"
                  key={sign}
                  role="option"
                  tabIndex={-1}
                  aria-selected={shown++ === at}
                  aria-label={nameOf(sign, words)}
                  title={nameOf(sign, words)}
                  onClick={() => onPick(sign)}
                >
                  {sign}
                </button>
              ))}
            </div>
          </section>
        ))}
      </div>
    </>
  );
}

const NAMES = new Map(GROUPS.flatMap((group) => group.emoji));

function nameOf(sign: string, words: string): string {
  return words || NAMES.get(sign) || sign;
}
