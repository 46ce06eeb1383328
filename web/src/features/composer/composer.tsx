import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { n } from '../../lib/strings.ts';
import { IconButton } from '../../ui/button.tsx';
import { EmojiPop } from '../../ui/emoji/emoji-pop.tsx';
import { GrowingText, readSelection, writeSelection } from '../../ui/growing-text.tsx';
import { Icon } from '../../ui/icon.tsx';
import { applyFormat, insertText, type Format } from '../../ui/text-format.ts';
import { showToast } from '../../ui/toast.tsx';
import { isTouch } from '../../ui/viewport.ts';
import type { Room } from '../../wire/protocol.ts';
import { useApp } from '../context.ts';
import { composerKeys } from './composer-keys.ts';
import { FormatBar } from './format-bar.tsx';
import { ReplyBar } from './reply-bar.tsx';
import { Suggest, useSuggest } from './suggest.tsx';
import { TypingLine } from './typing-line.tsx';
import { useDraft } from './use-draft.ts';

const COUNT_WITHIN = 200;

/** Where messages are written: a plain textarea with tools, one per room. */
export function Composer({ room }: { room: Room }) {
  const { parley, composer } = useApp();
  const area = useRef<HTMLTextAreaElement>(null);
  const { draft, setText, setReply, clear } = useDraft(room.id);
  const [formats, setFormats] = useState(false);
  const [emojiAt, setEmojiAt] = useState<Element | null>(null);
  const suggest = useSuggest(room, area, draft.text);
  useFocusWishes(area, room.id);
  const left = parley.session.limits.value.message_characters - [...draft.text].length;
  const ready = draft.text.trim() !== '' && left >= 0;

  const send = () => {
    if (!ready) return;
    const item = parley.outbox.send(room.id, draft.text.trim(), draft.replyTo ?? undefined);
    if (item) clear();
    else showToast({ text: 'Too many messages are waiting. Try again when you’re back online.' });
    area.current?.focus();
  };
  const format = (kind: Format) =>
    area.current && writeSelection(area.current, applyFormat(readSelection(area.current), kind));
  const insert = (text: string) =>
    area.current && writeSelection(area.current, insertText(readSelection(area.current), text));
  const write = (text: string) => {
    setText(text);
    if (text !== '') parley.company.keyPressed(room.id);
  };
  const key = composerKeys({
    text: draft.text,
    replying: draft.replyTo !== null,
    enterSends: parley.preferences.value.value.enterSends,
    suggest: suggest.key,
    send,
    format,
    editLast: () => composer.editLast(),
    stopReply: () => setReply(null),
    leave: () => parley.place.markRead(),
  });
  return (
    <div class="compose" id="composer" data-region="composer">
      <Suggest {...suggest} />
      <div class="box">
        {draft.replyTo !== null && <ReplyBar room={room.id} seq={draft.replyTo} onStop={() => setReply(null)} />}
        {formats && <FormatBar onFormat={format} />}
        <GrowingText
          box={area}
          value={draft.text}
          onValue={write}
          onKeyDown={key}
          onKeyUp={suggest.look}
          onClick={suggest.look}
          onBlur={suggest.close}
          onPaste={(event) => pasteLink(event, area.current)}
          aria-label={`Message #${room.slug}`}
          placeholder={`Message #${room.slug}`}
          enterkeyhint={isTouch.value ? 'enter' : 'send'}
          {...suggest.aria}
        />
        <div class="tools">
          <IconButton
            class="desk"
            icon="aa"
            label="Formatting"
            aria-pressed={formats}
            onClick={() => setFormats(!formats)}
          />
          <IconButton class="desk" icon="at" label="Mention someone" onClick={() => insert('@')} />
          <IconButton
            icon="smile"
            label="Emoji"
            aria-expanded={emojiAt !== null}
            onClick={(event) => setEmojiAt(event.currentTarget)}
          />
          <span class="sp" />
          {left <= COUNT_WITHIN && <Left left={left} />}
          <button
            type="button"
            class={left < 0 ? 'send over' : 'send'}
            aria-label="Send"
            aria-disabled={!ready}
            data-tip="Send"
            onClick={send}
            onPointerDown={(event) => event.preventDefault()}
          >
            <Icon name="send" />
          </button>
        </div>
      </div>
      <TypingLine room={room.id} />
      {emojiAt && <EmojiPop anchor={emojiAt} onClose={() => setEmojiAt(null)} onPick={insert} />}
    </div>
  );
}

function Left({ left }: { left: number }) {
  return (
    <span class={left < 0 ? 'left over' : 'left'} role="status">
      {left < 0 ? n('composer.over', -left) : n('composer.left', left)}
    </span>
  );
}

/** Pasting an address over selected text makes a link. */
function pasteLink(event: ClipboardEvent, area: HTMLTextAreaElement | null): void {
  const pasted = event.clipboardData?.getData('text/plain').trim() ?? '';
  if (!area || area.selectionStart === area.selectionEnd || !/^https?:\/\/\S+$/u.test(pasted)) return;
  event.preventDefault();
  const { text, start, end } = readSelection(area);
  writeSelection(area, insertText({ text, start, end }, `[${text.slice(start, end)}](${pasted})`));
}

/** Takes the focus when somebody asks for it, and when a room opens, never on touch. */
function useFocusWishes(area: { current: HTMLTextAreaElement | null }, room: number): void {
  const wish = useApp().composer.focusWish.value;
  const seen = useRef(wish);
  useLayoutEffect(() => {
    if (!isTouch.value && !document.querySelector('dialog[open]')) area.current?.focus({ preventScroll: true });
  }, [room]);
  useEffect(() => {
    if (seen.current !== wish) area.current?.focus();
    seen.current = wish;
  }, [wish]);
}
