import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Row } from '../../lib/grouping.ts';
import { SkeletonRows } from '../../ui/empty.tsx';
import type { Room, User } from '../../wire/protocol.ts';
import { useApp } from '../context.ts';
import { ListActionsContext } from './list-actions.ts';
import { useListHands } from './list-hands.tsx';
import { listKeys } from './list-keys.ts';
import { ListView, type Target } from './list-view.ts';
import { longPress } from './long-press.ts';
import { MessageRow } from './message-row.tsx';
import { Pills } from './pills.tsx';
import { OlderEdge, LoadFailed, RoomStart } from './room-states.tsx';
import { DayRow, NewRow, SystemRow } from './rows.tsx';
import { useSpeaker } from './speaker.ts';

interface MessageListProps {
  room: Room;
  me: User;
  /** The message of a permalink, or null. */
  seq: number | null;
}

/** The messages of a room: a reversed scroller around one list in normal order. */
export function MessageList({ room, me, seq }: MessageListProps) {
  const { parley } = useApp();
  const timeline = parley.timeline(room.id);
  const view = useMemo(() => new ListView(timeline, parley.place, me.id, targetOf(seq)), [room.id]);
  const scroll = useRef<HTMLDivElement>(null);
  const block = useRef<HTMLDivElement>(null);
  const rows = view.rows.value;
  const hands = useListHands(room, view, block);
  useLayoutEffect(() => view.start(scroll.current!, block.current!), [view]);
  useLayoutEffect(() => view.settle(), [rows]);
  useLater(seq, () => void hands.actions.jumpTo(seq ?? 0));
  useReady(room, rows.length > 0 || timeline.status.value === 'ready');
  useSpeaker(timeline, me.id);
  const press = useMemo(() => longPress((row) => hands.openSheet(row)), [view]);
  return (
    <ListActionsContext.Provider value={hands.actions}>
      <div class="log-wrap">
        <div class="log" ref={scroll} onScroll={press.cancel}>
          <div
            class="log-inner"
            {...press.handlers}
            onPointerOver={hands.hover}
            onPointerLeave={hands.leave}
            onKeyDown={(event) => listKeys(event, hands)}
            onFocusIn={hands.focusIn}
          >
            <Top room={room} view={view} />
            <div class="log-block" ref={block} role="list" aria-label={`Messages in ${room.name}`}>
              {rows.map((row) => (
                <AnyRow key={row.id} row={row} me={me} editing={hands.editing} />
              ))}
            </div>
            {hands.toolbar}
          </div>
        </div>
        <Pills view={view} />
        {hands.overlays}
      </div>
    </ListActionsContext.Provider>
  );
}

function AnyRow({ row, me, editing }: { row: Row; me: User; editing: number | null }) {
  if (row.kind === 'day') return <DayRow id={row.id} at={row.at} />;
  if (row.kind === 'new') return <NewRow />;
  if (row.kind === 'system') return <SystemRow row={row} />;
  return <MessageRow row={row} me={me} editing={row.entry.kind === 'message' && row.entry.seq === editing} />;
}

function Top({ room, view }: { room: Room; view: ListView }) {
  const { timeline } = view;
  const status = timeline.status.value;
  const empty = timeline.entries.value.length === 0;
  if (status === 'error' && empty) return <LoadFailed timeline={timeline} />;
  if (status !== 'ready' && empty) return <SkeletonRows label="Loading messages" />;
  if (timeline.older.value === 'end') return <RoomStart room={room} empty={empty} entries={timeline.entries.value} />;
  return <OlderEdge timeline={timeline} />;
}

function targetOf(seq: number | null): Target {
  return seq === null ? { at: 'end' } : { at: 'centre', seq, flash: true };
}

/** Runs when the value becomes another one than at first, and is not null. */
function useLater(value: number | null, run: () => void): void {
  const first = useRef(value);
  useEffect(() => {
    if (value !== null && value !== first.current) run();
    first.current = null;
  }, [value]);
}

/** The mark that the budgets are measured by: messages shown, composer takes keys. */
function useReady(room: Room, ready: boolean): void {
  const [marked, setMarked] = useState(0);
  useEffect(() => {
    if (!ready || marked === room.id) return;
    setMarked(room.id);
    performance.mark('room-ready', { detail: room.id });
  }, [ready, room.id]);
}
