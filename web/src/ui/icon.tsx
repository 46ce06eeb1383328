/** Icons come from the sprite in index.html; an icon is decoration, its button carries the name. */
export function Icon({ name, small, class: extra }: { name: string; small?: boolean; class?: string }) {
  const classes = ['i', small && 'i-s', extra].filter(Boolean).join(' ');
  return (
    <svg class={classes} aria-hidden="true">
      <use href={`#${name}`} />
    </svg>
  );
}

/** The product's own mark, in the colours of the theme. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 28 28" aria-hidden="true">
      <rect class="m-tile" width="28" height="28" rx="8.5" />
      <path class="m-talk" d="M7 11.2A4.2 4.2 0 0 1 11.2 7h5.6a4.2 4.2 0 0 1 0 8.4h-5.3L8.3 18c-.5.4-1.3.1-1.3-.6Z" />
      <circle class="m-dot" cx="17.6" cy="19.6" r="2.5" />
    </svg>
  );
}
