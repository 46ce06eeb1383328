import type { ComponentChildren } from 'preact';
import { useId, useState } from 'preact/hooks';
import { IconButton } from './button.tsx';
import { Icon } from './icon.tsx';

interface FieldProps {
  id: string;
  label: string;
  hint?: ComponentChildren;
  error?: string;
  children: ComponentChildren;
}

/** Label above, hint below; an error takes the hint's place and is tied to the input by its id. */
export function Field({ id, label, hint, error, children }: FieldProps) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children}
      {error ? (
        <small class="bad" id={`${id}-note`}>
          <Icon name="alert" />
          <span>{error}</span>
        </small>
      ) : (
        hint && <small id={`${id}-note`}>{hint}</small>
      )}
    </div>
  );
}

/** What a native text input takes besides its value. */
interface Native {
  name?: string;
  autocomplete?: 'username' | 'current-password' | 'new-password' | 'name' | 'organization' | 'off';
  autocapitalize?: 'none' | 'sentences';
  inputMode?: 'numeric' | 'text';
  spellcheck?: boolean;
  required?: boolean;
  autofocus?: boolean;
  dir?: 'auto' | 'ltr';
}

export interface TextFieldProps extends Native {
  label: string;
  value: string;
  onValue: (value: string) => void;
  hint?: ComponentChildren;
  error?: string;
}

export function TextField({ label, value, onValue, hint, error, ...rest }: TextFieldProps) {
  const id = useId();
  return (
    <Field id={id} label={label} hint={hint} error={error}>
      <input
        dir="auto"
        {...rest}
        {...tied(id, hint, error)}
        class="in"
        value={value}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
    </Field>
  );
}

/** A password with a button that shows it and a word when caps lock is on. Pasting is never blocked. */
export function PasswordField({ label, value, onValue, hint, error, ...rest }: TextFieldProps) {
  const id = useId();
  const [shown, setShown] = useState(false);
  const [caps, setCaps] = useState(false);
  const watch = (event: KeyboardEvent) => setCaps(event.getModifierState?.('CapsLock') ?? false);
  return (
    <Field id={id} label={label} hint={hint} error={error}>
      <div class="in-end">
        <input
          {...rest}
          {...tied(id, hint, error)}
          class="in"
          type={(shown ? 'text' : 'password') as 'text'}
          spellcheck={false}
          autocapitalize="none"
          value={value}
          onInput={(event) => onValue(event.currentTarget.value)}
          onKeyDown={watch}
          onKeyUp={watch}
          onBlur={() => setCaps(false)}
        />
        <IconButton
          icon="eye"
          label={shown ? 'Hide characters' : 'Show characters'}
          aria-pressed={shown}
          onClick={() => setShown(!shown)}
        />
      </div>
      {caps && (
        <span class="caps" role="status">
          <Icon name="alert" />
          Caps lock is on
        </span>
      )}
    </Field>
  );
}

export interface TextAreaProps {
  name?: string;
  label: string;
  value: string;
  onValue: (value: string) => void;
  hint?: ComponentChildren;
  error?: string;
}

export function TextArea({ label, value, onValue, hint, error, ...rest }: TextAreaProps) {
  const id = useId();
  return (
    <Field id={id} label={label} hint={hint} error={error}>
      <textarea
        dir="auto"
        rows={2}
        {...rest}
        {...tied(id, hint, error)}
        class="in"
        value={value}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
    </Field>
  );
}

function tied(id: string, hint: unknown, error: string | undefined) {
  return {
    id,
    'aria-invalid': error ? ('true' as const) : undefined,
    'aria-describedby': error || hint ? `${id}-note` : undefined,
  };
}

/** Moves focus to the first field that has an error, after it was drawn. */
export function focusFirstError(form: HTMLElement | null): void {
  requestAnimationFrame(() => form?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus());
}

/** An error that belongs to no single field. */
export function FormError({ children }: { children: ComponentChildren }) {
  return (
    <div class="form-bad" role="alert">
      <Icon name="alert" />
      <span>{children}</span>
    </div>
  );
}
