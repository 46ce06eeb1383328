import type { ComponentChildren, JSX } from 'preact';
import { Icon } from './icon.tsx';

type Native = Omit<JSX.IntrinsicElements['button'], 'icon' | 'label' | 'disabled'>;

export interface ButtonProps extends Native {
  kind?: 'primary' | 'default' | 'quiet' | 'danger' | 'danger solid';
  icon?: string;
  /** Work is under way: the width stays, the press is ignored, a screen reader hears "busy". */
  busy?: boolean;
  off?: boolean;
  children: ComponentChildren;
}

/** A button keeps its focus while busy, so it is aria-disabled and never disabled. */
export function Button({
  kind = 'default',
  icon,
  busy,
  off,
  children,
  onClick,
  class: extra,
  type = 'button',
  ...rest
}: ButtonProps) {
  const inert = busy || off;
  const classes = ['btn', kind, busy && 'waiting', extra].filter(Boolean).join(' ');
  return (
    <button
      {...rest}
      type={type}
      class={classes}
      aria-disabled={inert ? 'true' : undefined}
      aria-busy={busy ? 'true' : undefined}
      onClick={inert ? swallow : onClick}
    >
      {icon && <Icon name={icon} small />}
      <span>{children}</span>
      {busy && <span class="spin late" aria-hidden="true" />}
    </button>
  );
}

function swallow(event: Event): void {
  event.preventDefault();
  event.stopPropagation();
}

export interface IconButtonProps extends Native {
  icon?: string;
  /** The accessible name, and the words of the tooltip. */
  label: string;
  /** Keys shown beside the tooltip, such as "Ctrl K". */
  keys?: string;
  small?: boolean;
  children?: ComponentChildren;
}

export function IconButton({
  icon,
  label,
  keys,
  small,
  children,
  class: extra,
  type = 'button',
  ...rest
}: IconButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      class={extra ? `ib ${extra}` : 'ib'}
      aria-label={label}
      data-tip={label}
      data-keys={keys}
    >
      {icon ? <Icon name={icon} small={small} /> : children}
    </button>
  );
}

export function Spinner({ label }: { label: string }) {
  return <span class="spin late" role="status" aria-label={label} />;
}
