import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { MessageEntry } from '../../state/contract.ts';
import { IconButton } from '../../ui/button.tsx';
import { recentEmoji } from '../../ui/emoji/recent.ts';
import { Menu } from '../../ui/menu.tsx';
import type { Deeds } from './message-deeds.ts';

const QUICK = 2;
const RISE_PX = 16;

/** One for the page: it stands at the row under the pointer or with the focus. */
export function MessageToolbar({ row, entry, deeds }: { row: HTMLElement; entry: MessageEntry; deeds: Deeds }) {
  const box = useRef<HTMLDivElement>(null);
  const [anchor, setAnchor] = useState<Element | null>(null);
  useLayoutEffect(() => {
    if (box.current) box.current.style.top = `${Math.max(0, row.offsetTop - RISE_PX)}px`;
    row.classList.add('open');
    return () => row.classList.remove('open');
  });
  return (
    <div class="acts" role="toolbar" aria-label="Message actions" ref={box} data-acts>
      {deeds.canWrite && <Reacting entry={entry} deeds={deeds} />}
      {deeds.canWrite && <IconButton icon="reply" label="Reply" keys="R" onClick={() => deeds.reply(entry)} />}
      {deeds.mayEdit(entry) && <IconButton icon="draft" label="Edit" keys="E" onClick={() => deeds.edit(entry)} />}
      <IconButton
        icon="dots"
        label="More actions"
        aria-haspopup="menu"
        aria-expanded={anchor !== null}
        onClick={(event) => setAnchor(event.currentTarget)}
      />
      {anchor && (
        <Menu anchor={anchor} label="Message actions" items={deeds.menu(entry)} onClose={() => setAnchor(null)} />
      )}
    </div>
  );
}

function Reacting({ entry, deeds }: { entry: MessageEntry; deeds: Deeds }) {
  return (
    <>
      {recentEmoji()
        .slice(0, QUICK)
        .map((emoji) => (
          <IconButton key={emoji} label={`React with ${emoji}`} onClick={() => deeds.react(entry, emoji)}>
            {emoji}
          </IconButton>
        ))}
      <IconButton
        icon="smile"
        label="Add reaction"
        keys="+"
        onClick={(event) => deeds.pick(entry, event.currentTarget)}
      />
    </>
  );
}
