import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { useModal } from './dialog.tsx';

const CLOSE_AFTER_PX = 70;

/** The phone's form of a menu: comes from below; a drag down, Esc or a tap outside closes it. */
export function Sheet({
  label,
  onClose,
  children,
}: {
  label: string;
  onClose: () => void;
  children: ComponentChildren;
}) {
  const modal = useModal(onClose);
  const start = useRef<number | null>(null);
  const drag = (event: TouchEvent) => {
    const box = modal.ref.current;
    const touch = event.touches[0];
    if (!box || !touch || start.current === null) return;
    const moved = touch.clientY - start.current;
    box.style.translate = moved > 0 && box.scrollTop <= 0 ? `0 ${moved}px` : '';
  };
  const drop = (event: TouchEvent) => {
    const box = modal.ref.current;
    const touch = event.changedTouches[0];
    if (!box || !touch || start.current === null) return;
    const far = box.style.translate !== '' && touch.clientY - start.current > CLOSE_AFTER_PX;
    box.style.translate = '';
    start.current = null;
    if (far) onClose();
  };
  return (
    <dialog
      {...modal}
      class="sheet"
      tabIndex={-1}
      autofocus
      aria-label={label}
      onTouchStart={(event) => (start.current = event.touches[0]?.clientY ?? null)}
      onTouchMove={drag}
      onTouchEnd={drop}
    >
      {children}
    </dialog>
  );
}
