import { useParley } from '../context.ts';

const LEAST = 220;
const MOST = 360;
const STEP = 16;

/** The sidebar's edge: dragged, or moved by Left and Right. The width stays on the device. */
export function SideResize() {
  const { preferences } = useParley();
  const width = preferences.value.value.sidebarWidth;
  const set = (next: number) => preferences.change({ sidebarWidth: Math.round(Math.min(MOST, Math.max(LEAST, next))) });
  const grab = (event: PointerEvent) => {
    const edge = event.currentTarget as HTMLElement;
    edge.setPointerCapture(event.pointerId);
    event.preventDefault();
  };
  const drag = (event: PointerEvent) => {
    const edge = event.currentTarget as HTMLElement;
    if (!edge.hasPointerCapture(event.pointerId)) return;
    const side = edge.parentElement?.getBoundingClientRect();
    if (side) set(getComputedStyle(edge).direction === 'rtl' ? side.right - event.clientX : event.clientX - side.left);
  };
  const key = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
    if (!step) return;
    event.preventDefault();
    set(width + step);
  };
  return (
    <div
      class="resize"
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the sidebar"
      aria-valuenow={width}
      aria-valuemin={LEAST}
      aria-valuemax={MOST}
      tabIndex={0}
      onPointerDown={grab}
      onPointerMove={drag}
      onKeyDown={key}
    />
  );
}
