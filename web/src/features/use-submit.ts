import { useRef, useState } from 'preact/hooks';
import { focusFirstError } from '../ui/field.tsx';
import { fieldErrors, say } from './problems.ts';

/**
 * A form's way to the server: one submit at a time, errors by field, the focus
 * to the first of them, and what concerns no field in `general`. `known` names
 * the fields on screen: an error of any other is shown in `general`.
 */
export function useSubmit(action: () => Promise<void>, known: readonly string[] = []) {
  const form = useRef<HTMLFormElement>(null);
  const [busy, setBusy] = useState(false);
  const [general, setGeneral] = useState('');
  const [errors, setErrors] = useState<Record<string, string>>({});
  const failed = (err: unknown) => {
    const fields = fieldErrors(err);
    const shown = Object.fromEntries(Object.entries(fields).filter(([name]) => known.includes(name)));
    setErrors(shown);
    setGeneral(Object.keys(shown).length > 0 ? '' : Object.values(fields).join(' ') || say(err));
    focusFirstError(form.current);
  };
  const submit = async (event?: Event) => {
    event?.preventDefault();
    if (busy) return;
    setBusy(true);
    setGeneral('');
    setErrors({});
    try {
      await action();
    } catch (err) {
      failed(err);
    }
    setBusy(false);
  };
  return { form, busy, general, errors, submit };
}
