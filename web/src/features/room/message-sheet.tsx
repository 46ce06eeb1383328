import { useState } from 'preact/hooks';
import type { MessageEntry } from '../../state/contract.ts';
import { EmojiPicker } from '../../ui/emoji/emoji-pop.tsx';
import { recentEmoji } from '../../ui/emoji/recent.ts';
import { Icon } from '../../ui/icon.tsx';
import { MenuItems } from '../../ui/menu.tsx';
import { Sheet } from '../../ui/sheet.tsx';
import type { Deeds } from './message-deeds.ts';

const QUICK = 5;

/** The toolbar and menu of a message as the phone has them: after a long press, from below. */
export function MessageSheet({ entry, deeds, onClose }: { entry: MessageEntry; deeds: Deeds; onClose: () => void }) {
  const [picking, setPicking] = useState(false);
  const react = (emoji: string) => {
    onClose();
    deeds.react(entry, emoji);
  };
  return (
    <Sheet label="Message actions" onClose={onClose}>
      {picking ? (
        <EmojiPicker onPick={react} />
      ) : (
        <>
          {deeds.canWrite && <Quick onPick={react} onMore={() => setPicking(true)} />}
          <div role="menu" aria-label="Message actions">
            <MenuItems items={deeds.menu(entry)} onDone={onClose} />
          </div>
        </>
      )}
    </Sheet>
  );
}

function Quick({ onPick, onMore }: { onPick: (emoji: string) => void; onMore: () => void }) {
  return (
    <div class="quick">
      {recentEmoji()
        .slice(0, QUICK)
        .map((emoji) => (
          <button type="button" key={emoji} aria-label={`React with ${emoji}`} onClick={() => onPick(emoji)}>
            {emoji}
          </button>
        ))}
      <button type="button" aria-label="More emoji" onClick={onMore}>
        <Icon name="smile" />
      </button>
    </div>
  );
}
