import { signal } from '@preact/signals';

const spoken = signal({ text: '', turn: 0 });

/** Says one line to screen readers, politely. */
export function announce(text: string): void {
  spoken.value = { text, turn: spoken.peek().turn + 1 };
}

/** The page's one live region. The key makes a repeated sentence count as new. */
export function AnnounceHost() {
  const { text, turn } = spoken.value;
  return (
    <div class="vh" role="status" aria-live="polite" data-announce>
      <span key={turn}>{text}</span>
    </div>
  );
}
