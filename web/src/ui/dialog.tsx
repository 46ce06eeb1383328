import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Button, IconButton } from './button.tsx';

/**
 * Opens a native dialog while mounted. The browser traps the focus; it is given
 * back here, since the browser does so only for a dialog that is still there.
 */
export function useModal(onClose?: () => void) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      giveFocus(before);
    };
  }, []);
  return {
    ref,
    onCancel: (event: Event) => {
      event.preventDefault();
      onClose?.();
    },
    onPointerDown: (event: PointerEvent) => {
      const box = ref.current;
      if (box && event.target === box && outside(event, box)) onClose?.();
    },
  };
}

/** Unless something else took it already, such as the room that was chosen. */
function giveFocus(to: Element | null): void {
  const free = document.activeElement === null || document.activeElement === document.body;
  if (free && to instanceof HTMLElement && to.isConnected) to.focus({ preventScroll: true });
}

function outside(event: PointerEvent, box: Element): boolean {
  const rect = box.getBoundingClientRect();
  return (
    event.clientX < rect.left || event.clientX > rect.right || event.clientY < rect.top || event.clientY > rect.bottom
  );
}

interface DialogProps {
  title: string;
  /** Without it the dialog stays until what it asks for is done. */
  onClose?: () => void;
  class?: string;
  children: ComponentChildren;
}

export function Dialog({ title, onClose, class: extra = '', children }: DialogProps) {
  const modal = useModal(onClose);
  const id = useId();
  return (
    <dialog {...modal} class={`dlg ${extra}`} aria-labelledby={id}>
      <div class="dlg-head">
        <h2 id={id}>{title}</h2>
        {onClose && <IconButton icon="x" label="Close" onClick={onClose} />}
      </div>
      {children}
    </dialog>
  );
}

interface ConfirmProps {
  title: string;
  /** The verb and the thing: "Delete message". */
  action: string;
  children: ComponentChildren;
  onConfirm: () => void | Promise<void>;
  onClose: () => void;
  /** When set, the action waits until exactly this was typed. */
  typed?: string;
  gentle?: boolean;
}

/** Asks before something that cannot be taken back. */
export function ConfirmDialog({ title, action, children, onConfirm, onClose, typed, gentle }: ConfirmProps) {
  const [busy, setBusy] = useState(false);
  const [text, setText] = useState('');
  const id = useId();
  const blocked = typed !== undefined && text !== typed;
  const confirm = async (event: Event) => {
    event.preventDefault();
    if (blocked || busy) return;
    setBusy(true);
    try {
      await onConfirm();
      onClose();
    } catch {
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose} class="slim">
      <form onSubmit={confirm}>
        <div class="dlg-body">
          {children}
          {typed !== undefined && (
            <div class="field">
              <label for={id}>Type {typed} to confirm</label>
              <input
                id={id}
                class="in"
                autocomplete="off"
                autocapitalize="none"
                spellcheck={false}
                value={text}
                onInput={(event) => setText(event.currentTarget.value)}
              />
            </div>
          )}
        </div>
        <div class="dlg-acts">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind={gentle ? 'primary' : 'danger solid'} type="submit" busy={busy} off={blocked}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
