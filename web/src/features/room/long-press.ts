const HOLD_MS = 450;
const SLOP_PX = 10;

/** Calls back when a finger rests on a message. Scrolling, lifting or moving the finger calls it off. */
export function longPress(held: (row: HTMLElement) => void) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let from: { x: number; y: number } | null = null;
  const cancel = () => {
    clearTimeout(timer);
    from = null;
  };
  const down = (event: PointerEvent) => {
    cancel();
    const target = event.target instanceof Element ? event.target : null;
    const row = target?.closest<HTMLElement>('.log-block > .msg');
    if (event.pointerType !== 'touch' || !row || target?.closest('textarea, input')) return;
    from = { x: event.clientX, y: event.clientY };
    timer = setTimeout(() => {
      swallowTap();
      held(row);
    }, HOLD_MS);
  };
  const move = (event: PointerEvent) => {
    if (from && Math.hypot(event.clientX - from.x, event.clientY - from.y) > SLOP_PX) cancel();
  };
  // The browser's own menu would come on top of ours.
  const menu = (event: MouseEvent) => {
    if (from) event.preventDefault();
  };
  return {
    cancel,
    handlers: {
      onPointerDown: down,
      onPointerMove: move,
      onPointerUp: cancel,
      onPointerCancel: cancel,
      onContextMenu: menu,
    },
  };
}

/** Lifting the finger must not press what has just opened under it. */
function swallowTap(): void {
  const lifted = (event: Event) => event.cancelable && event.preventDefault();
  document.addEventListener('touchend', lifted, { capture: true, passive: false, once: true });
}
