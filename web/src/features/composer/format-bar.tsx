import { IconButton } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { modKey } from '../../ui/keys.ts';
import type { Format } from '../../ui/text-format.ts';

const FORMATS: readonly { format: Format; label: string; keys: string; sign: string; look: string }[] = [
  { format: 'bold', label: 'Bold', keys: modKey('B'), sign: 'B', look: '' },
  { format: 'italic', label: 'Italic', keys: modKey('I'), sign: 'I', look: 'em' },
  { format: 'strike', label: 'Strike through', keys: modKey('Shift X'), sign: 'S', look: 'st' },
  { format: 'code', label: 'Code', keys: modKey('E'), sign: '<>', look: 'cd' },
];

/** The same as the shortcuts, as buttons. */
export function FormatBar({ onFormat }: { onFormat: (format: Format) => void }) {
  return (
    <div class="format full" role="toolbar" aria-label="Formatting">
      {FORMATS.map(({ format, label, keys, sign, look }) => (
        <IconButton key={format} label={label} keys={keys} onClick={() => onFormat(format)}>
          <span class={look}>{sign}</span>
        </IconButton>
      ))}
      <IconButton label="Link" keys={modKey('Shift K')} onClick={() => onFormat('link')}>
        <Icon name="link" small />
      </IconButton>
    </div>
  );
}
