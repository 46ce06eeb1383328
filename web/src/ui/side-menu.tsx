import type { ComponentChildren } from 'preact';
import { Icon } from './icon.tsx';

interface SideMenuProps {
  title: string;
  label: string;
  /** Where the arrow leads. */
  back: string;
  children: ComponentChildren;
  foot?: ComponentChildren;
}

/** A menu in the sidebar's place, with a way back. */
export function SideMenu({ title, label, back, children, foot }: SideMenuProps) {
  return (
    <nav class="side" aria-label={label} data-region="side" tabIndex={-1}>
      <div class="team">
        <a class="ib start" href={back} aria-label="Back to chat" data-tip="Back to chat">
          <Icon name="back" />
        </a>
        <strong>{title}</strong>
      </div>
      <div class="nav scroll">{children}</div>
      {foot}
    </nav>
  );
}
