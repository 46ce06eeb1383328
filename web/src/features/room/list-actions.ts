import { createContext } from 'preact';
import { useContext } from 'preact/hooks';

/** What a message's parts ask of the list around them. */
export interface ListActions {
  canWrite: boolean;
  jumpTo: (seq: number) => void;
  react: (seq: number, emoji: string, on: boolean) => void;
  pickReaction: (seq: number, anchor: Element) => void;
  stopEditing: () => void;
}

export const ListActionsContext = createContext<ListActions | null>(null);

/** Null where messages are only shown. */
export function useListActions(): ListActions | null {
  return useContext(ListActionsContext);
}
