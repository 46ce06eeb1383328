import type { Router } from '../../lib/router.ts';
import type { MessageEntry, Parley } from '../../state/contract.ts';
import { copyText } from '../../ui/copy.ts';
import type { MenuItem } from '../../ui/menu.tsx';
import { showToast } from '../../ui/toast.tsx';
import type { Room, User } from '../../wire/protocol.ts';
import type { ComposerPort } from '../composer-port.ts';

const UNDO_MS = 5000;

interface Around {
  room: Room;
  canWrite: boolean;
  me: User | null;
  parley: Parley;
  composer: ComposerPort;
  router: Router;
  edit: (seq: number) => void;
  remove: (entry: MessageEntry) => void;
  pick: (seq: number, anchor: Element) => void;
}

/** What can be done to a message, for the toolbar, the sheet and the keys alike. */
export interface Deeds {
  canWrite: boolean;
  react: (entry: MessageEntry, emoji: string) => void;
  pick: (entry: MessageEntry, anchor: Element) => void;
  reply: (entry: MessageEntry) => void;
  edit: (entry: MessageEntry) => void;
  remove: (entry: MessageEntry) => void;
  removeNow: (entry: MessageEntry) => void;
  copyText: (entry: MessageEntry) => void;
  copyLink: (entry: MessageEntry) => void;
  mayEdit: (entry: MessageEntry) => boolean;
  mayRemove: (entry: MessageEntry) => boolean;
  /** The rows of the menu, in the order that people look for them. */
  menu: (entry: MessageEntry) => (MenuItem | 'line')[];
}

export function messageDeeds(around: Around): Deeds {
  const { room, canWrite, me, parley, composer } = around;
  const isMine = (entry: MessageEntry) => entry.message.user.id === me?.id;
  const removeNow = (entry: MessageEntry) => {
    const removal = parley.messages.remove(room.id, entry.seq);
    removal.done.catch(() => undefined);
    showToast({ text: 'Message deleted', stay: UNDO_MS, action: { label: 'Undo', act: () => removal.undo() } });
  };
  const deeds: Deeds = {
    canWrite,
    react: (entry, emoji) => {
      const mine = entry.message.reactions?.some((one) => one.emoji === emoji && one.mine) ?? false;
      void parley.messages.react(room.id, entry.seq, emoji, !mine).catch(() => undefined);
    },
    pick: (entry, anchor) => around.pick(entry.seq, anchor),
    reply: (entry) => composer.answer(room.id, entry.seq),
    edit: (entry) => around.edit(entry.seq),
    remove: (entry) => (isMine(entry) ? removeNow(entry) : around.remove(entry)),
    removeNow,
    copyText: (entry) => void copyText(entry.message.text, 'Text copied'),
    copyLink: (entry) => void copyText(`${location.origin}/rooms/${room.slug}/${entry.seq}`, 'Link copied'),
    mayEdit: (entry) => canWrite && isMine(entry),
    mayRemove: (entry) => canWrite && (isMine(entry) || me?.role === 'admin'),
    menu: (entry) => menuOf(entry, deeds),
  };
  return deeds;
}

function menuOf(entry: MessageEntry, deeds: Deeds): (MenuItem | 'line')[] {
  const items: (MenuItem | 'line')[] = [];
  if (deeds.canWrite)
    items.push({ id: 'reply', label: 'Reply', icon: 'reply', keys: 'R', act: () => deeds.reply(entry) });
  items.push({ id: 'text', label: 'Copy text', icon: 'copy', act: () => deeds.copyText(entry) });
  items.push({ id: 'link', label: 'Copy link', icon: 'link', act: () => deeds.copyLink(entry) });
  if (deeds.mayEdit(entry))
    items.push({ id: 'edit', label: 'Edit', icon: 'draft', keys: 'E', act: () => deeds.edit(entry) });
  if (deeds.mayRemove(entry))
    items.push('line', {
      id: 'delete',
      label: 'Delete',
      icon: 'trash',
      keys: 'Del',
      danger: true,
      act: () => deeds.remove(entry),
    });
  return items;
}
