/** Text with a selection, as a textarea has it. Pure, so that it is tested without a page. */
export interface Selected {
  text: string;
  start: number;
  end: number;
}

export type Format = 'bold' | 'italic' | 'strike' | 'code' | 'link';

const MARKS: Record<Exclude<Format, 'link'>, string> = { bold: '**', italic: '_', strike: '~~', code: '`' };

/** Wraps the selection in the format's marks, or takes them away when they are there. */
export function applyFormat(value: Selected, format: Format): Selected {
  if (format === 'link') return makeLink(value, 'https://');
  return toggleMark(value, MARKS[format]);
}

function toggleMark({ text, start, end }: Selected, mark: string): Selected {
  const before = text.slice(0, start);
  const inside = text.slice(start, end);
  const after = text.slice(end);
  if (before.endsWith(mark) && after.startsWith(mark)) {
    return {
      text: before.slice(0, -mark.length) + inside + after.slice(mark.length),
      start: start - mark.length,
      end: end - mark.length,
    };
  }
  return { text: before + mark + inside + mark + after, start: start + mark.length, end: end + mark.length };
}

/** Makes the selection a link; without an address yet, the address is selected to be typed over. */
export function makeLink({ text, start, end }: Selected, address: string, done = false): Selected {
  const label = text.slice(start, end) || 'text';
  const link = `[${label}](${address})`;
  const next = text.slice(0, start) + link + text.slice(end);
  if (done) return { text: next, start: start + link.length, end: start + link.length };
  const from = start + label.length + 3;
  return { text: next, start: from, end: from + address.length };
}

/** Puts text in place of the selection, with the caret behind it. */
export function insertText({ text, start, end }: Selected, added: string): Selected {
  const at = start + added.length;
  return { text: text.slice(0, start) + added + text.slice(end), start: at, end: at };
}

/** Whether the caret stands in a code block that was not closed: Enter adds a line there. */
export function inOpenCodeBlock(text: string, caret: number): boolean {
  const fences = text.slice(0, caret).match(/^\s{0,3}```/gmu);
  return (fences?.length ?? 0) % 2 === 1;
}

const SHORTCUTS: Record<string, Format> = { b: 'bold', i: 'italic', e: 'code', 'shift+x': 'strike', 'shift+k': 'link' };

/** The format that a key press with Ctrl or Cmd asks for. */
export function formatOfKey(event: KeyboardEvent): Format | undefined {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return undefined;
  return SHORTCUTS[(event.shiftKey ? 'shift+' : '') + event.key.toLowerCase()];
}
