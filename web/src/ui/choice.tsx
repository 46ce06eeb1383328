import { useId } from 'preact/hooks';

export interface Option<T extends string> {
  value: T;
  label: string;
}

interface SegmentedProps<T extends string> {
  label: string;
  options: readonly Option<T>[];
  value: T;
  onValue: (value: T) => void;
  fill?: boolean;
}

/** One of a few, all in view. */
export function Segmented<T extends string>({ label, options, value, onValue, fill }: SegmentedProps<T>) {
  return (
    <div class={fill ? 'seg fill' : 'seg'} role="group" aria-label={label}>
      {options.map((option) => (
        <button
          type="button"
          key={option.value}
          aria-pressed={option.value === value}
          onClick={() => onValue(option.value)}
        >
          {option.label}
        </button>
      ))}
    </div>
  );
}

/** Segmented with a visible label above and a hint below. */
export function SegmentedField<T extends string>({ hint, ...rest }: SegmentedProps<T> & { hint?: string }) {
  return (
    <div class="field">
      <span class="lbl" aria-hidden="true">
        {rest.label}
      </span>
      <Segmented {...rest} fill />
      {hint && <small>{hint}</small>}
    </div>
  );
}

interface SelectProps<T extends string> extends Omit<SegmentedProps<T>, 'fill'> {
  hint?: string;
}

export function SelectField<T extends string>({ label, options, value, onValue, hint }: SelectProps<T>) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} class="in" value={value} onChange={(event) => onValue(event.currentTarget.value as T)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      {hint && <small>{hint}</small>}
    </div>
  );
}

/** On or off, with its words in front of it. */
export function Switch({
  label,
  hint,
  checked,
  onValue,
}: {
  label: string;
  hint?: string;
  checked: boolean;
  onValue: (on: boolean) => void;
}) {
  return (
    <label class="row">
      <div>
        <b>{label}</b>
        {hint && <small>{hint}</small>}
      </div>
      <input
        type="checkbox"
        class="sw"
        role="switch"
        checked={checked}
        onChange={(event) => onValue(event.currentTarget.checked)}
      />
    </label>
  );
}
