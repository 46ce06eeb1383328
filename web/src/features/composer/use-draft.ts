import { useEffect, useState } from 'preact/hooks';
import type { Draft } from '../../state/contract.ts';
import { useApp } from '../context.ts';

const EMPTY: Draft = { text: '', replyTo: null };

/** What is being written in a room, kept on the device as it is typed. */
export function useDraft(room: number) {
  const { parley, composer } = useApp();
  const [held, setHeld] = useState({ room, draft: parley.drafts.read(room) });
  const draft = held.room === room ? held.draft : parley.drafts.read(room);
  const put = (next: Draft) => {
    setHeld({ room, draft: next });
    if (next.text === '' && next.replyTo === null) parley.drafts.clear(room);
    else parley.drafts.write(room, next);
  };
  const reply = composer.reply.value;
  useEffect(() => {
    if (held.room !== room) setHeld({ room, draft: parley.drafts.read(room) });
  }, [room]);
  useEffect(() => {
    if (reply?.room !== room) return;
    put({ ...draft, replyTo: reply.seq });
    composer.taken();
  }, [reply]);
  return {
    draft,
    setText: (text: string) => put({ ...draft, text }),
    setReply: (replyTo: number | null) => put({ ...draft, replyTo }),
    clear: () => put(EMPTY),
  };
}
