import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from './icon.tsx';

export interface MenuItem {
  id: string;
  label: string;
  icon?: string;
  keys?: string;
  danger?: boolean;
  /** A link instead of an action. */
  href?: string;
  act?: () => void;
}

interface PopProps {
  anchor: Element;
  onClose: () => void;
  class?: string;
  label: string;
  role?: 'menu' | 'dialog';
  children: ComponentChildren;
}

/** A popover beside its anchor. The browser closes it on Esc and on a press outside. */
export function Pop({ anchor, onClose, class: extra = '', label, role = 'dialog', children }: PopProps) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const box = ref.current;
    if (!box) return;
    const closed = (event: Event) => {
      if ((event as ToggleEvent).newState === 'closed') onClose();
    };
    box.showPopover();
    placeBeside(box, anchor.getBoundingClientRect());
    box.addEventListener('toggle', closed);
    return () => {
      box.removeEventListener('toggle', closed);
      const inside = box.contains(document.activeElement);
      if (box.matches(':popover-open')) box.hidePopover();
      if (inside && anchor instanceof HTMLElement) anchor.focus();
    };
  }, []);
  return (
    <div ref={ref} popover="auto" class={`menu-pop ${extra}`} role={role} aria-label={label}>
      {children}
    </div>
  );
}

interface MenuProps extends Omit<PopProps, 'children' | 'class'> {
  items: readonly (MenuItem | 'line')[];
  top?: ComponentChildren;
}

export function Menu({ items, top, ...rest }: MenuProps) {
  return (
    <Pop {...rest} role="menu" class="menu">
      {top}
      <MenuItems items={items} onDone={rest.onClose} />
    </Pop>
  );
}

/** The rows of a menu; the same rows stand in the phone's sheet. */
export function MenuItems({ items, onDone }: { items: readonly (MenuItem | 'line')[]; onDone: () => void }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => rows(box.current)[0]?.focus({ preventScroll: true }), []);
  return (
    <div ref={box} onKeyDown={(event) => moveFocus(event, rows(box.current))}>
      {items.map((item, at) => (item === 'line' ? <hr key={at} /> : <Row key={item.id} item={item} onDone={onDone} />))}
    </div>
  );
}

function Row({ item, onDone }: { item: MenuItem; onDone: () => void }) {
  const act = () => {
    onDone();
    item.act?.();
  };
  const inner = (
    <>
      {item.icon && <Icon name={item.icon} />}
      <b>{item.label}</b>
      {item.keys && <span class="hint">{item.keys}</span>}
    </>
  );
  const classes = item.danger ? 'opt danger' : 'opt';
  if (item.href)
    return (
      <a class={classes} role="menuitem" href={item.href} onClick={act}>
        {inner}
      </a>
    );
  return (
    <button type="button" class={classes} role="menuitem" onClick={act}>
      {inner}
    </button>
  );
}

function rows(box: Element | null): HTMLElement[] {
  return [...(box?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];
}

const STEPS: Record<string, (at: number, count: number) => number> = {
  ArrowDown: (at, count) => (at + 1) % count,
  ArrowUp: (at, count) => (at - 1 + count) % count,
  Home: () => 0,
  End: (_, count) => count - 1,
};

function moveFocus(event: KeyboardEvent, all: HTMLElement[]): void {
  const step = STEPS[event.key];
  if (!step || all.length === 0) return;
  event.preventDefault();
  all[step(all.indexOf(document.activeElement as HTMLElement), all.length)]?.focus();
}

const GAP = 6;

/** Below the anchor and in line with its end; above it when there is no room. Computed once. */
function placeBeside(box: HTMLElement, anchor: DOMRect): void {
  const size = box.getBoundingClientRect();
  const fitsBelow = anchor.bottom + GAP + size.height <= innerHeight - GAP;
  const top = fitsBelow ? anchor.bottom + GAP : Math.max(GAP, anchor.top - GAP - size.height);
  const wanted = anchor.left + size.width <= innerWidth - GAP ? anchor.left : anchor.right - size.width;
  box.style.top = `${top}px`;
  box.style.left = `${Math.min(Math.max(GAP, wanted), innerWidth - size.width - GAP)}px`;
}
