import { signal, type ReadonlySignal } from '@preact/signals';
import type { Store } from '../lib/env.ts';
import type { Preferences, PreferencesState } from './contract.ts';

const name = 'preferences';

const standard: Preferences = Object.freeze({
  theme: 'system',
  density: 'comfortable',
  textSize: 'm',
  enterSends: true,
  sidebarWidth: 272,
});

/** How this device likes it; not tied to a person. */
export class DevicePreferences implements PreferencesState {
  readonly #store: Store;
  readonly #value;
  readonly stop: () => void;

  constructor(store: Store) {
    this.#store = store;
    this.#value = signal(parse(store.read(name)));
    this.stop = store.watch((changed, value) => {
      if (changed === name) this.#value.value = parse(value);
    });
  }

  get value(): ReadonlySignal<Preferences> {
    return this.#value;
  }

  change(part: Partial<Preferences>): void {
    this.#value.value = checked({ ...this.#value.peek(), ...part });
    this.#store.write(name, JSON.stringify(this.#value.peek()));
  }
}

function parse(text: string | null): Preferences {
  try {
    return checked(JSON.parse(text ?? '{}') as Partial<Preferences>);
  } catch {
    return standard;
  }
}

// What is stored may be from another version, or edited by hand.
function checked(from: Partial<Preferences>): Preferences {
  const width = Number(from.sidebarWidth ?? standard.sidebarWidth);
  return Object.freeze({
    theme: one(from.theme, ['system', 'light', 'dark']),
    density: one(from.density, ['comfortable', 'compact']),
    textSize: one(from.textSize, ['m', 's', 'l']),
    enterSends: from.enterSends !== false,
    sidebarWidth: Math.min(360, Math.max(220, Number.isFinite(width) ? width : standard.sidebarWidth)),
  });
}

/** `value` if it is among `allowed`, else the first of those. */
function one<T extends string>(value: T | undefined, allowed: readonly [NoInfer<T>, ...NoInfer<T>[]]): T {
  return value !== undefined && allowed.includes(value) ? value : allowed[0];
}
