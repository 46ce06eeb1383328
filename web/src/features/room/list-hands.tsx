import type { RefObject } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { MessageEntry } from '../../state/contract.ts';
import { EmojiPop } from '../../ui/emoji/emoji-pop.tsx';
import { ConfirmDialog } from '../../ui/dialog.tsx';
import { showToast } from '../../ui/toast.tsx';
import type { Room } from '../../wire/protocol.ts';
import { useApp } from '../context.ts';
import { sayFailure } from '../problems.ts';
import type { ListActions } from './list-actions.ts';
import type { ListView } from './list-view.ts';
import { messageDeeds, type Deeds } from './message-deeds.ts';
import { MessageSheet } from './message-sheet.tsx';
import { MessageToolbar } from './message-toolbar.tsx';

/** Everything that hands can do to the list: pointer, finger, keys; and what opens then. */
export interface ListHands {
  actions: ListActions;
  deeds: Deeds;
  editing: number | null;
  entryOf: (row: Element | null) => MessageEntry | undefined;
  openSheet: (row: HTMLElement) => void;
  hover: (event: PointerEvent) => void;
  leave: () => void;
  focusIn: (event: FocusEvent) => void;
  showTools: (row: HTMLElement) => void;
  toolbar: preact.ComponentChildren;
  overlays: preact.ComponentChildren;
}

interface Pick {
  seq: number;
  anchor: Element;
}

export function useListHands(room: Room, view: ListView, block: RefObject<HTMLDivElement | null>): ListHands {
  const { parley, composer, router } = useApp();
  const me = parley.session.user.peek();
  const canWrite = room.joined && !room.archived;
  const [editing, setEditing] = useState<number | null>(null);
  const [sheet, setSheet] = useState<MessageEntry | null>(null);
  const [pick, setPick] = useState<Pick | null>(null);
  const [removing, setRemoving] = useState<MessageEntry | null>(null);
  const [hot, setHot] = useState<{ row: HTMLElement; entry: MessageEntry } | null>(null);
  useEditWish(() => setEditing(view.timeline.lastOfMine()?.seq ?? null), composer.editWish.value);
  useFailures(parley);

  const entryOf = (row: Element | null) => {
    const seq = Number(row instanceof HTMLElement ? row.dataset['seq'] : 0);
    const entry = seq
      ? view.timeline.entries.peek().find((one) => one.kind === 'message' && one.seq === seq)
      : undefined;
    return entry?.kind === 'message' && !entry.message.deleted_at ? entry : undefined;
  };
  const actions: ListActions = useMemo(
    () => ({
      canWrite,
      jumpTo: async (seq) => {
        if (!(await view.toMessage(seq).catch(() => false)))
          showToast({ text: 'That message doesn’t exist any more.' });
      },
      react: (seq, emoji, on) => {
        if (canWrite) void parley.messages.react(room.id, seq, emoji, on).catch(() => undefined);
      },
      pickReaction: (seq, anchor) => setPick({ seq, anchor }),
      stopEditing: () => setEditing(null),
    }),
    [room.id, canWrite, view],
  );
  const deeds = messageDeeds({
    room,
    canWrite,
    me,
    parley,
    composer,
    router,
    edit: setEditing,
    remove: setRemoving,
    pick: actions.pickReaction,
  });
  const showTools = (row: HTMLElement) => {
    const entry = entryOf(row);
    setHot((now) => (entry ? (now?.row === row && now.entry === entry ? now : { row, entry }) : null));
  };
  const current = hot && hot.row.isConnected && block.current?.contains(hot.row) ? hot : null;
  return {
    actions,
    deeds,
    editing,
    entryOf,
    showTools,
    openSheet: (row) => setSheet(entryOf(row) ?? null),
    hover: (event) => {
      const row = rowAt(event.target);
      if (event.pointerType === 'mouse' && row) showTools(row);
    },
    leave: () => {
      if (!pick) setHot(null);
    },
    focusIn: (event) => {
      const row = rowAt(event.target);
      if (row) oneStop(block.current, row);
      if (row?.matches(':focus-visible')) showTools(row);
    },
    toolbar: current && editing !== current.entry.seq && (
      <MessageToolbar row={current.row} entry={current.entry} deeds={deeds} />
    ),
    overlays: (
      <>
        {sheet && <MessageSheet entry={sheet} deeds={deeds} onClose={() => setSheet(null)} />}
        {pick && (
          <EmojiPop
            anchor={pick.anchor}
            onClose={() => setPick(null)}
            onPick={(emoji) => actions.react(pick.seq, emoji, true)}
          />
        )}
        {removing && (
          <RemoveDialog
            entry={removing}
            onClose={() => setRemoving(null)}
            onConfirm={() => deeds.removeNow(removing)}
          />
        )}
      </>
    ),
  };
}

function RemoveDialog({
  entry,
  onClose,
  onConfirm,
}: {
  entry: MessageEntry;
  onClose: () => void;
  onConfirm: () => void;
}) {
  return (
    <ConfirmDialog title="Delete message?" action="Delete message" onClose={onClose} onConfirm={onConfirm}>
      <p>This is a message of {entry.message.user.name}. It is deleted for everybody.</p>
    </ConfirmDialog>
  );
}

export function rowAt(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>('.log-block > .msg') : null;
}

/** The list is one Tab stop; it stays where the focus was last. */
export function oneStop(block: HTMLElement | null, row: HTMLElement): void {
  block?.querySelectorAll<HTMLElement>('.msg[tabindex="0"]').forEach((other) => (other.tabIndex = -1));
  row.tabIndex = 0;
}

function useEditWish(edit: () => void, wish: number): void {
  const [seen] = useState({ wish });
  useEffect(() => {
    if (seen.wish !== wish) edit();
    seen.wish = wish;
  }, [wish]);
}

function useFailures(parley: ReturnType<typeof useApp>['parley']): void {
  const failed = parley.messages.failure.value;
  useEffect(() => {
    if (!failed) return;
    showToast({ text: sayFailure(failed) });
    parley.messages.dismiss();
  }, [failed]);
}
