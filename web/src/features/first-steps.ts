import { signal, type ReadonlySignal } from '@preact/signals';

const NAME = 'parley.first-steps';

/** `none`: this workspace was not begun here. `open`: to do. `invited`: the second step is done. `done`: gone for good. */
export type StepsPhase = 'none' | 'open' | 'invited' | 'done';

/** How far an administrator is with a new workspace; kept on the device. */
export class FirstStepsProgress {
  readonly #phase = signal<StepsPhase>(read());

  get phase(): ReadonlySignal<StepsPhase> {
    return this.#phase;
  }

  /** Whether there is something left to do. */
  pending(): boolean {
    return this.#phase.value === 'open' || this.#phase.value === 'invited';
  }

  /** Never goes back: what is done stays done. */
  reach(phase: Exclude<StepsPhase, 'none'>): void {
    const order = ['none', 'open', 'invited', 'done'];
    if (order.indexOf(phase) <= order.indexOf(this.#phase.peek())) return;
    this.#phase.value = phase;
    try {
      localStorage.setItem(NAME, phase);
    } catch {
      // Private mode: forgotten with the page.
    }
  }
}

function read(): StepsPhase {
  try {
    const held = localStorage.getItem(NAME);
    return held === 'open' || held === 'invited' || held === 'done' ? held : 'none';
  } catch {
    return 'none';
  }
}
