import { showToast } from './toast.tsx';

/** Puts text on the clipboard and says so. Plain HTTP has no clipboard API; there a hidden field does it. */
export async function copyText(text: string, said: string): Promise<void> {
  const done = navigator.clipboard ? await viaClipboard(text) : viaField(text);
  showToast({ text: done ? said : 'Copying didn’t work. Select the text and copy it.' });
}

async function viaClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return viaField(text);
  }
}

function viaField(text: string): boolean {
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'vh';
  (document.querySelector('dialog[open]') ?? document.body).append(field);
  const before = document.activeElement;
  field.select();
  const done = document.execCommand('copy');
  field.remove();
  if (before instanceof HTMLElement) before.focus();
  return done;
}
