import type { SystemRow as SystemModel } from '../../lib/grouping.ts';
import { list } from '../../lib/strings.ts';
import { dayName } from '../../lib/time.ts';
import type { SystemEvent } from '../../state/contract.ts';
import { Icon } from '../../ui/icon.tsx';
import { memo } from '../../ui/memo.ts';

export const DayRow = memo(function DayRow({ at, id }: { at: number; id: string }) {
  return (
    <div class="day" role="listitem" data-id={id}>
      <h2>{dayName(at, Date.now())}</h2>
    </div>
  );
});

export function NewRow() {
  return (
    <div class="new" role="listitem" data-id="new" aria-label="New messages">
      <span>New</span>
    </div>
  );
}

const ICONS: Record<SystemEvent['type'], string> = {
  joined: 'userplus',
  left: 'out',
  renamed: 'draft',
  topic: 'draft',
  archived: 'archive',
  restored: 'archive',
};

/** A run of the same kind of event in one line. */
export const SystemRow = memo(function SystemRow({ row }: { row: SystemModel }) {
  const events = row.entries.map((entry) => entry.event);
  const last = events[events.length - 1]!;
  return (
    <div class="sys" role="listitem" data-id={row.id} data-seq={row.entries[0]!.seq}>
      <Icon name={ICONS[last.type]} />
      <p dir="auto">{sentence(events, last)}</p>
    </div>
  );
});

function sentence(events: SystemEvent[], last: SystemEvent): string {
  switch (last.type) {
    case 'joined':
      return came(events, last);
    case 'left':
      return last.by && events.length === 1 && last.by.id !== last.user.id
        ? `${last.by.name} removed ${last.user.name}`
        : `${names(events)} left`;
    case 'renamed':
      return `The room is now called ${last.name}`;
    case 'topic':
      return last.topic ? `New topic: ${last.topic}` : 'The topic was removed';
    case 'archived':
      return 'The room was archived';
    case 'restored':
      return 'The room was restored';
  }
}

function came(events: SystemEvent[], last: Extract<SystemEvent, { type: 'joined' }>): string {
  const added = last.by && last.by.id !== last.user.id && events.length === 1;
  return added ? `${last.by!.name} added ${last.user.name}` : `${names(events)} joined`;
}

function names(events: SystemEvent[]): string {
  const all = events.flatMap((event) => ('user' in event ? [event.user.name] : []));
  return list([...new Set(all)]);
}
