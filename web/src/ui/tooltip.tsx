import { useEffect, useRef, useState } from 'preact/hooks';

const DELAY_MS = 500;

interface Tip {
  text: string;
  keys: string;
  anchor: DOMRect;
}

/** One tooltip for the page. It shows the `data-tip` of what is under the pointer or has keyboard focus. */
export function TooltipHost() {
  const [tip, setTip] = useState<Tip | null>(null);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => watchTips(setTip), []);
  useEffect(() => {
    if (tip && box.current) place(box.current, tip.anchor);
  }, [tip]);
  if (!tip) return null;
  return (
    <div class="tip" popover="manual" aria-hidden="true" ref={box}>
      {tip.text}
      {tip.keys && <kbd>{tip.keys}</kbd>}
    </div>
  );
}

function watchTips(show: (tip: Tip | null) => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const hide = () => {
    clearTimeout(timer);
    show(null);
  };
  const arm = (event: Event) => {
    hide();
    const target = tipped(event);
    if (!target || (event.type === 'focusin' && !target.matches(':focus-visible'))) return;
    timer = setTimeout(() => {
      if (target.isConnected) show(readTip(target));
    }, DELAY_MS);
  };
  const hover = (event: PointerEvent) => (event.pointerType === 'mouse' ? arm(event) : hide());
  const off = new AbortController();
  const options = { signal: off.signal, passive: true, capture: true };
  document.addEventListener('pointerover', hover, options);
  document.addEventListener('focusin', arm, options);
  for (const name of ['pointerdown', 'keydown', 'scroll', 'focusout']) document.addEventListener(name, hide, options);
  return () => {
    hide();
    off.abort();
  };
}

function tipped(event: Event): HTMLElement | null {
  return event.target instanceof Element ? event.target.closest<HTMLElement>('[data-tip]') : null;
}

function readTip(target: HTMLElement): Tip {
  return {
    text: target.dataset['tip'] ?? '',
    keys: target.dataset['keys'] ?? '',
    anchor: target.getBoundingClientRect(),
  };
}

function place(box: HTMLElement, anchor: DOMRect): void {
  box.showPopover?.();
  const size = box.getBoundingClientRect();
  const left = Math.min(Math.max(6, anchor.left + anchor.width / 2 - size.width / 2), innerWidth - size.width - 6);
  const below = anchor.bottom + 6;
  const top = below + size.height > innerHeight ? anchor.top - size.height - 6 : below;
  box.style.left = `${left}px`;
  box.style.top = `${top}px`;
}
