import type { ComponentChildren } from 'preact';
import { Icon } from './icon.tsx';

const MOST = 99;

/** A marigold count. `label` says in words what is counted. */
export function Badge({ count, label }: { count: number; label: string }) {
  return (
    <span class="badge">
      <span aria-hidden="true">{count > MOST ? `${MOST}+` : count}</span>
      <span class="vh">{label}</span>
    </span>
  );
}

export function Dot({ label }: { label: string }) {
  return <span class="dot" role="img" aria-label={label} />;
}

export function Pill({ icon, children }: { icon?: string; children: ComponentChildren }) {
  return (
    <span class="pill">
      {icon && <Icon name={icon} />}
      {children}
    </span>
  );
}
