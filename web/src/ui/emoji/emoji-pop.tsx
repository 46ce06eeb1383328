import { lazy } from '../lazy.tsx';
import { Pop } from '../menu.tsx';
import { noteEmoji } from './recent.ts';

interface PickerProps {
  onPick: (emoji: string) => void;
}

const Loaded = lazy<PickerProps>(() => import('./picker.tsx').then((part) => part.Picker));

/** The picker, loaded on first use; what was picked counts as used. */
export function EmojiPicker({ onPick }: PickerProps) {
  const pick = (emoji: string) => {
    noteEmoji(emoji);
    onPick(emoji);
  };
  return (
    <div class="emoji-pick">
      <Loaded onPick={pick} />
    </div>
  );
}

/** The picker in a popover beside what opened it; closes after one choice. */
export function EmojiPop({ anchor, onPick, onClose }: PickerProps & { anchor: Element; onClose: () => void }) {
  const pick = (emoji: string) => {
    onClose();
    onPick(emoji);
  };
  return (
    <Pop anchor={anchor} label="Emoji" class="emoji-pop" onClose={onClose}>
      <EmojiPicker onPick={pick} />
    </Pop>
  );
}
