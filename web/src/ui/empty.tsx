import type { ComponentChildren } from 'preact';
import { Icon } from './icon.tsx';

interface EmptyProps {
  icon: string;
  title: string;
  bad?: boolean;
  /** Whether this is the only heading of the page. */
  main?: boolean;
  children?: ComponentChildren;
  actions?: ComponentChildren;
}

/** An icon tile, one line, one sentence, one or two actions. */
export function EmptyState({ icon, title, bad, main, children, actions }: EmptyProps) {
  const Title = main ? 'h1' : 'h2';
  return (
    <div class="empty" role={bad ? 'alert' : undefined}>
      <span class={bad ? 'art bad' : 'art'}>
        <Icon name={icon} />
      </span>
      <Title>{title}</Title>
      {children}
      {actions && <div class="do">{actions}</div>}
    </div>
  );
}

/** Rows in the shape of what comes; they stay hidden for the first 200 ms. */
export function SkeletonRows({ count = 3, label }: { count?: number; label: string }) {
  return (
    <div class="late" role="status" aria-busy="true" aria-label={label}>
      {Array.from({ length: count }, (_, at) => (
        <div class="skel-row" key={at}>
          <div class="skel tile" />
          <div class="lines">
            <div class="skel w1" />
            <div class={`skel ${at % 2 ? 'w3' : 'w2'}`} />
          </div>
        </div>
      ))}
    </div>
  );
}
