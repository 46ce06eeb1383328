import { signal, type ReadonlySignal } from '@preact/signals';
import { failure, type Failure } from '../wire/api.ts';

/** Something fetched whole by a screen that has no state of its own. */
export interface Resource<T> {
  /** `loading` only the first time; a later load keeps the old value in view. */
  readonly status: ReadonlySignal<'idle' | 'loading' | 'ready' | 'error'>;
  readonly value: ReadonlySignal<T | null>;
  readonly failure: ReadonlySignal<Failure | null>;
  /** Fetches it (again). Never rejects; of overlapping loads the last one counts. */
  load(): Promise<void>;
  /** Puts in a value known by other means, such as the answer to a change. */
  set(value: T): void;
}

export function resource<T>(fetch: () => Promise<T>): Resource<T> {
  const status = signal<'idle' | 'loading' | 'ready' | 'error'>('idle');
  const value = signal<T | null>(null);
  const failed = signal<Failure | null>(null);
  let latest = 0;
  const set = (next: T) => {
    value.value = next;
    failed.value = null;
    status.value = 'ready';
  };
  const load = async () => {
    const mine = ++latest;
    if (value.peek() === null) status.value = 'loading';
    try {
      const next = await fetch();
      if (mine === latest) set(next);
    } catch (err) {
      if (mine !== latest) return;
      failed.value = failure(err);
      status.value = 'error';
    }
  };
  return { status, value, failure: failed, load, set };
}
