import { Dialog } from '../../ui/dialog.tsx';
import { SHORTCUTS } from '../shortcuts.ts';

/** Built from the same table as the handlers. */
export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <div class="dlg-body">
        <dl class="shortcuts">
          {SHORTCUTS.map((one) => (
            <div key={one.says}>
              <dt>{one.says}</dt>
              <dd>
                {one.keys.map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </dd>
            </div>
          ))}
        </dl>
      </div>
    </Dialog>
  );
}
