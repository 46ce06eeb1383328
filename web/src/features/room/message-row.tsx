import { linkify, onlyEmoji } from '../../lib/linkify.ts';
import type { MessageRow as RowModel } from '../../lib/grouping.ts';
import { clockTime, dayName, fullTime } from '../../lib/time.ts';
import type { MessageEntry, PendingEntry } from '../../state/contract.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { memo } from '../../ui/memo.ts';
import type { User, UserRef } from '../../wire/protocol.ts';
import { MessageEditor } from './message-editor.tsx';
import { Rich } from './message-body.tsx';
import { Quote } from './quote.tsx';
import { Reactions } from './reactions.tsx';
import { SendState } from './send-state.tsx';

interface MessageRowProps {
  row: RowModel;
  me: User;
  editing: boolean;
}

/** One message, mine or somebody's, confirmed or not. Memoised on the row. */
export const MessageRow = memo(function MessageRow({ row, me, editing }: MessageRowProps) {
  const { entry, first } = row;
  const author = authorOf(entry, me);
  return (
    <div
      class={classesOf(row, editing)}
      role="listitem"
      tabIndex={-1}
      aria-label={`${author.name}, ${clockTime(entry.at)}, ${dayName(entry.at, Date.now())}`}
      data-id={entry.id}
      data-seq={entry.kind === 'message' ? entry.seq : undefined}
    >
      {first && <Avatar id={author.id} name={author.name} />}
      <time class="tm" dateTime={new Date(entry.at).toISOString()} title={fullTime(entry.at)}>
        {clockTime(entry.at)}
      </time>
      <div class="line">
        {first && <Head author={author} entry={entry} />}
        <Content entry={entry} me={me} editing={editing} marked={!first && wasEdited(entry)} />
      </div>
    </div>
  );
});

function Head({ author, entry }: { author: UserRef; entry: MessageEntry | PendingEntry }) {
  return (
    <header>
      <b dir="auto">{author.name}</b>
      <time dateTime={new Date(entry.at).toISOString()} title={fullTime(entry.at)}>
        {clockTime(entry.at)}
      </time>
      {wasEdited(entry) && <span class="hint">edited</span>}
    </header>
  );
}

interface ContentProps {
  entry: MessageEntry | PendingEntry;
  me: User;
  editing: boolean;
  marked: boolean;
}

function Content({ entry, me, editing, marked }: ContentProps) {
  if (entry.kind === 'pending') {
    const { item } = entry;
    return (
      <>
        {item.replyTo !== null && <Quote room={item.room} seq={item.replyTo} />}
        <Body text={item.text} nodes={linkify(item.text)} me={me} marked={false} />
        <SendState item={item} />
      </>
    );
  }
  const { message } = entry;
  if (message.deleted_at) return <div class="body">Message deleted</div>;
  if (editing) return <MessageEditor entry={entry} />;
  return (
    <>
      {message.reply_to !== undefined && <Quote room={message.room} seq={message.reply_to} />}
      <Body text={message.text} nodes={nodesOf(entry)} me={me} marked={marked} />
      <Reactions message={message} />
    </>
  );
}

// A change of mine is shown at once, before the server has made its tree.
function nodesOf({ message, unconfirmed }: MessageEntry) {
  if (message.rich && !unconfirmed) return message.rich;
  return unconfirmed ? linkify(message.text) : null;
}

interface BodyProps {
  text: string;
  nodes: Parameters<typeof Rich>[0]['nodes'] | null;
  me: User;
  marked: boolean;
}

function Body({ text, nodes, me, marked }: BodyProps) {
  const blocks = nodes?.some(
    (node) =>
      node.t === 'p' || node.t === 'pre' || node.t === 'ul' || node.t === 'ol' || node.t === 'quote' || node.t === 'h',
  );
  const inner = nodes ? (
    <Rich nodes={nodes} me={me.id} myNames={[me.username.toLowerCase(), me.name.toLowerCase()]} />
  ) : (
    text
  );
  const mark = marked && <span class="edited">edited</span>;
  if (onlyEmoji(text))
    return (
      <div class="body big">
        {text}
        {mark}
      </div>
    );
  return (
    <div class="body" dir="auto">
      {blocks ? (
        inner
      ) : (
        <p>
          {inner}
          {mark}
        </p>
      )}
      {blocks && mark}
    </div>
  );
}

function authorOf(entry: MessageEntry | PendingEntry, me: User): UserRef {
  return entry.kind === 'pending' ? me : entry.message.user;
}

function wasEdited(entry: MessageEntry | PendingEntry): boolean {
  return entry.kind === 'message' && entry.message.edited_at !== undefined && !entry.message.deleted_at;
}

function classesOf({ entry, first }: RowModel, editing: boolean): string {
  const classes = ['msg'];
  if (first) classes.push('head');
  if (editing) classes.push('editing');
  if (entry.kind === 'pending') classes.push('pend');
  else if (entry.message.deleted_at) classes.push('gone');
  else if (entry.mentionsMe) classes.push('you');
  return classes.join(' ');
}
