const MAC = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/u.test(navigator.userAgent);

/** How a shortcut with Ctrl (Cmd on a Mac) is written. */
export function modKey(key: string): string {
  return MAC ? `⌘${key}` : `Ctrl ${key}`;
}

export function altKey(key: string): string {
  return MAC ? `⌥${key}` : `Alt ${key}`;
}

/** Whether the platform's command key is down. */
export function hasMod(event: { ctrlKey: boolean; metaKey: boolean }): boolean {
  return MAC ? event.metaKey : event.ctrlKey;
}

/** Whether a key press belongs to something that takes text. */
export function typesText(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]');
}
