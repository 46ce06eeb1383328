import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { announce } from './announce.tsx';

const STAY_MS = 6000;

export interface Toast {
  text: string;
  action?: { label: string; act: () => void };
  /** Called when the toast leaves without its action having been used. */
  gone?: () => void;
  /** Milliseconds to stay; pauses under the pointer or focus. */
  stay?: number;
}

const current = signal<Toast | null>(null);

/** Shows one toast; a newer one takes its place. Never the only place where an error is shown. */
export function showToast(toast: Toast): void {
  current.peek()?.gone?.();
  current.value = toast;
  announce(toast.text);
}

export function ToastHost() {
  const toast = current.value;
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (!toast || held) return;
    const timer = setTimeout(() => leave(toast), toast.stay ?? STAY_MS);
    return () => clearTimeout(timer);
  }, [toast, held]);
  if (!toast) return null;
  const act = () => {
    current.value = null;
    setHeld(false);
    toast.action?.act();
  };
  return (
    <div class="toast-host">
      <div
        class="toast"
        onPointerEnter={() => setHeld(true)}
        onPointerLeave={() => setHeld(false)}
        onFocusIn={() => setHeld(true)}
        onFocusOut={() => setHeld(false)}
      >
        <span>{toast.text}</span>
        {toast.action && (
          <button type="button" onClick={act}>
            {toast.action.label}
          </button>
        )}
      </div>
    </div>
  );
}

function leave(toast: Toast): void {
  if (current.peek() !== toast) return;
  current.value = null;
  toast.gone?.();
}
