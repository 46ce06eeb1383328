// Text that the server has not seen yet, as the same small tree that the
// server makes: text, line breaks, links and mentions only.
import type { RichNode } from '../wire/protocol.ts';

// A link ends before the punctuation that ends its sentence.
const token = /(https?:\/\/[^\s<>"]*[^\s<>"'.,;:!?)\]}])|(^|[\s(])(@[\p{L}\p{N}][\p{L}\p{N}._@+-]{0,63})|(\n)/gu;

export function linkify(text: string): RichNode[] {
  const nodes: RichNode[] = [];
  let end = 0;
  const say = (upTo: number) => {
    if (upTo > end) nodes.push({ t: 'text', text: text.slice(end, upTo) });
  };
  for (const match of text.matchAll(token)) {
    const [whole, link, before = '', mention] = match;
    say(match.index + before.length);
    if (link !== undefined) nodes.push({ t: 'link', href: link, c: [{ t: 'text', text: link }] });
    else if (mention !== undefined) nodes.push({ t: 'mention', text: mention });
    else nodes.push({ t: 'br' });
    end = match.index + whole.length;
  }
  say(text.length);
  return nodes;
}

const emoji = /^(?:\s*(?:\p{RGI_Emoji}|\p{Extended_Pictographic}\uFE0F?)){1,3}\s*$/v;

/** Whether the text is nothing but one to three emoji, which are shown large. */
export function onlyEmoji(text: string): boolean {
  return text.length <= 64 && emoji.test(text);
}
