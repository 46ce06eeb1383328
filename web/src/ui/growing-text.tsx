import type { JSX, RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';
import type { Selected } from './text-format.ts';

type Native = Omit<JSX.IntrinsicElements['textarea'], 'value' | 'onInput' | 'ref'>;

interface GrowingProps extends Native {
  value: string;
  onValue: (value: string) => void;
  box: RefObject<HTMLTextAreaElement | null>;
}

const GROWS_ITSELF = typeof CSS !== 'undefined' && CSS.supports('field-sizing', 'content');

/** A plain textarea that grows with its text; undo, spell check and input methods stay the browser's own. */
export function GrowingText({ value, onValue, box, ...rest }: GrowingProps) {
  useLayoutEffect(() => {
    if (!GROWS_ITSELF && box.current) fit(box.current);
  }, [value]);
  return (
    <textarea
      dir="auto"
      rows={1}
      {...rest}
      ref={box}
      value={value}
      onInput={(event) => onValue(event.currentTarget.value)}
    />
  );
}

function fit(area: HTMLTextAreaElement): void {
  area.style.height = 'auto';
  area.style.height = `${area.scrollHeight}px`;
}

export function readSelection(area: HTMLTextAreaElement): Selected {
  return { text: area.value, start: area.selectionStart, end: area.selectionEnd };
}

/** Replaces the text through the browser's editing command, so that undo keeps working. */
export function writeSelection(area: HTMLTextAreaElement, next: Selected): void {
  area.focus();
  if (area.value !== next.text) {
    area.select();
    if (!document.execCommand('insertText', false, next.text)) {
      area.value = next.text;
      area.dispatchEvent(new Event('input', { bubbles: true }));
    }
  }
  area.setSelectionRange(next.start, next.end);
}
