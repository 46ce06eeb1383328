import { useEffect, useRef, useState } from 'preact/hooks';
import type { MessageEntry } from '../../state/contract.ts';
import { Button } from '../../ui/button.tsx';
import { GrowingText, readSelection, writeSelection } from '../../ui/growing-text.tsx';
import { applyFormat, formatOfKey } from '../../ui/text-format.ts';
import { isTouch } from '../../ui/viewport.ts';
import { useApp } from '../context.ts';
import { useListActions } from './list-actions.ts';

/** Editing in place: Enter saves, Esc leaves; an empty text changes nothing. */
export function MessageEditor({ entry }: { entry: MessageEntry }) {
  const { parley, composer } = useApp();
  const actions = useListActions();
  const box = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(entry.message.text);
  useEffect(() => {
    box.current?.focus();
    box.current?.setSelectionRange(text.length, text.length);
    box.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  const leave = () => {
    actions?.stopEditing();
    if (!isTouch.value) composer.focus();
  };
  const save = () => {
    const next = text.trim();
    if (next !== '' && next !== entry.message.text)
      void parley.messages.edit(entry.message.room, entry.seq, next).catch(() => undefined);
    leave();
  };
  const key = (event: KeyboardEvent) => {
    event.stopPropagation();
    const format = formatOfKey(event);
    if (format && box.current) writeSelection(box.current, applyFormat(readSelection(box.current), format));
    else if (event.key === 'Escape') leave();
    else if (event.key === 'Enter' && !event.shiftKey && !event.isComposing && !isTouch.value) save();
    else return;
    event.preventDefault();
  };
  return (
    <div class="editor">
      <div class="box">
        <GrowingText
          box={box}
          value={text}
          onValue={setText}
          onKeyDown={key}
          aria-label="Edit message"
          enterkeyhint="enter"
        />
      </div>
      <div class="edit-row">
        <Button kind="primary" class="small" onClick={save}>
          Save
        </Button>
        <Button class="small" onClick={leave}>
          Cancel
        </Button>
        <span class="hint hide-touch">Enter saves, Esc cancels</span>
      </div>
    </div>
  );
}
