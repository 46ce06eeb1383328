import { signal } from '@preact/signals';

/** What lies over the page: a name that the app knows how to draw, and what it needs. */
export interface Overlay {
  name: string;
  with?: unknown;
}

const open = signal<Overlay | null>(null);

/** The overlay now open, if any. Features ask for one by name, so that they need not import each other. */
export const overlay = open as { readonly value: Overlay | null };

export function openOverlay(name: string, detail?: unknown): void {
  open.value = { name, with: detail };
}

export function closeOverlay(): void {
  open.value = null;
}
