import { hasMod } from '../../ui/keys.ts';
import { formatOfKey, inOpenCodeBlock, type Format } from '../../ui/text-format.ts';
import { isTouch } from '../../ui/viewport.ts';

interface Deeds {
  text: string;
  replying: boolean;
  enterSends: boolean;
  /** The list of suggestions comes first; true when it took the key. */
  suggest: (event: KeyboardEvent) => boolean;
  send: () => void;
  format: (kind: Format) => void;
  editLast: () => void;
  stopReply: () => void;
  leave: () => void;
}

/** What keys do in the composer. Never acts while an input method is composing. */
export function composerKeys(deeds: Deeds): (event: KeyboardEvent) => void {
  return (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (deeds.suggest(event) || take(event, deeds)) event.preventDefault();
  };
}

function take(event: KeyboardEvent, deeds: Deeds): boolean {
  const format = formatOfKey(event);
  if (format) return did(() => deeds.format(format));
  if (event.key === 'Enter' && sends(event, deeds)) return did(deeds.send);
  if (event.key === 'ArrowUp' && deeds.text === '' && !hasMod(event) && !event.altKey && !event.shiftKey)
    return did(deeds.editLast);
  if (event.key === 'Escape') return did(deeds.replying ? deeds.stopReply : deeds.leave);
  if (event.key === 'Tab' && event.shiftKey) return focusNewest();
  return false;
}

function did(act: () => void): true {
  act();
  return true;
}

function sends(event: KeyboardEvent, deeds: Deeds): boolean {
  if (event.shiftKey || event.altKey) return false;
  if (hasMod(event)) return true;
  if (isTouch.value || !deeds.enterSends) return false;
  const area = event.currentTarget as HTMLTextAreaElement;
  return !inOpenCodeBlock(area.value, area.selectionStart);
}

/** Shift+Tab goes to the newest message. */
function focusNewest(): boolean {
  const rows = document.querySelectorAll<HTMLElement>('.log-block > .msg');
  const last = rows[rows.length - 1];
  last?.focus();
  return last !== undefined;
}
