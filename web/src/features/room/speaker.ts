import { useEffect } from 'preact/hooks';
import { effect } from '@preact/signals';
import { n } from '../../lib/strings.ts';
import type { Entry, MessageEntry, TimelineState } from '../../state/contract.ts';
import { announce } from '../../ui/announce.tsx';

const EVERY_MS = 2000;
const LONGEST = 160;

/** Speaks what others write in the open room, at most one line every 2 s. History is never spoken. */
export function useSpeaker(timeline: TimelineState, me: number): void {
  useEffect(() => {
    let spoken = newest(timeline.entries.peek());
    let generation = timeline.generation.peek();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const speak = () => {
      timer = undefined;
      const fresh = arrivals(timeline.entries.peek(), spoken, me);
      spoken = newest(timeline.entries.peek());
      if (fresh.length > 0) announce(line(fresh));
    };
    const stop = effect(() => {
      const entries = timeline.entries.value;
      if (timeline.generation.value !== generation) {
        generation = timeline.generation.peek();
        spoken = newest(entries);
      } else if (newest(entries) > spoken) timer ??= setTimeout(speak, EVERY_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [timeline]);
}

function arrivals(entries: readonly Entry[], after: number, me: number): MessageEntry[] {
  return entries.filter(
    (entry): entry is MessageEntry => entry.kind === 'message' && entry.seq > after && entry.message.user.id !== me,
  );
}

function line(fresh: MessageEntry[]): string {
  const [only] = fresh;
  if (fresh.length > 1 || !only) return n('room.newMessages', fresh.length);
  return `${only.message.user.name}: ${only.message.text.slice(0, LONGEST)}`;
}

function newest(entries: readonly Entry[]): number {
  for (let at = entries.length - 1; at >= 0; at--) {
    const entry = entries[at]!;
    if (entry.kind !== 'pending') return entry.seq;
  }
  return 0;
}
