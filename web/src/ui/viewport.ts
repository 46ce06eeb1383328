import { signal, type ReadonlySignal } from '@preact/signals';

function watch(query: string): ReadonlySignal<boolean> {
  const media = matchMedia(query);
  const matches = signal(media.matches);
  media.addEventListener('change', () => (matches.value = media.matches));
  return matches;
}

/** One screen at a time. */
export const isPhone = watch('(max-width: 699px)');
/** The main way to point is a finger. */
export const isTouch = watch('(pointer: coarse)');
/** The panel is a column of its own. */
export const isWide = watch('(min-width: 1180px)');

/** Follows the visible height where the keyboard does not resize the page (iOS), so that the composer sits on it. */
export function followKeyboard(root: HTMLElement): void {
  const view = window.visualViewport;
  if (!view) return;
  const fit = () => {
    const hidden = innerHeight - view.height;
    if (hidden > 1 && view.scale === 1) root.style.setProperty('--app-height', `${view.height}px`);
    else root.style.removeProperty('--app-height');
    if (hidden > 1) scrollTo(0, 0);
  };
  view.addEventListener('resize', fit);
}
