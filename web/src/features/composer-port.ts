import { signal, type ReadonlySignal } from '@preact/signals';

/** Where the message list reaches the composer: to answer a message, and to give it the focus. */
export class ComposerPort {
  readonly #reply = signal<{ room: number; seq: number } | null>(null);
  readonly #focus = signal(0);
  readonly #editLast = signal(0);

  /** The message to answer next; the composer takes it and sets it back. */
  get reply(): ReadonlySignal<{ room: number; seq: number } | null> {
    return this.#reply;
  }

  /** Counts up with every wish for the focus. */
  get focusWish(): ReadonlySignal<number> {
    return this.#focus;
  }

  /** Counts up with every wish to edit my last message. */
  get editWish(): ReadonlySignal<number> {
    return this.#editLast;
  }

  answer(room: number, seq: number): void {
    this.#reply.value = { room, seq };
    this.focus();
  }

  taken(): void {
    this.#reply.value = null;
  }

  focus(): void {
    this.#focus.value++;
  }

  editLast(): void {
    this.#editLast.value++;
  }
}
