// What can be done to a message: shown at once, taken back if refused.
import { signal, type ReadonlySignal } from '@preact/signals';
import type { Clock, Page } from '../lib/env.ts';
import { failure, type Api, type Failure } from '../wire/api.ts';
import type { Message, UserRef } from '../wire/protocol.ts';
import type { MessagesState, Removal } from './contract.ts';
import { reacted } from './message.ts';
import type { Timeline } from './timeline.ts';

export interface ActionParts {
  api: Api;
  clock: Clock;
  page: Page;
  me(): UserRef;
  timeline(room: number): Timeline;
}

// How long a deletion can be undone.
const undoWithin = 5000;

export class MessageActions implements MessagesState {
  readonly #parts: ActionParts;
  readonly #failure = signal<Failure | null>(null);
  /** Deletions that can still be undone, to be done now if the page goes. */
  readonly #removals = new Set<() => void>();
  readonly #unwatch: () => void;

  constructor(parts: ActionParts) {
    this.#parts = parts;
    this.#unwatch = parts.page.watch(() => {
      if (!parts.page.visible()) this.#removeNow();
    });
  }

  get failure(): ReadonlySignal<Failure | null> {
    return this.#failure;
  }

  dismiss(): void {
    this.#failure.value = null;
  }

  async edit(room: number, seq: number, text: string): Promise<void> {
    const timeline = this.#parts.timeline(room);
    const before = timeline.find(seq);
    const now = new Date(this.#parts.clock.now()).toISOString();
    // Its markup comes with the server's answer; until then the text is plain.
    timeline.change(seq, ({ rich: _rich, ...rest }) => ({ ...rest, text, edited_at: now }), true);
    await this.#try(
      async () => {
        const after = await this.#parts.api.editMessage(room, seq, text);
        timeline.change(seq, (message) => withText(message, after), false);
      },
      () => before !== undefined && timeline.change(seq, (message) => withText(message, before), false),
    );
  }

  async react(room: number, seq: number, emoji: string, on: boolean): Promise<void> {
    const timeline = this.#parts.timeline(room);
    const show = (yes: boolean) => {
      const me = this.#parts.me();
      timeline.change(seq, (message) => reacted(message, emoji, me, yes, me.id), false);
    };
    show(on);
    const { react, unreact } = this.#parts.api;
    await this.#try(
      () => (on ? react(room, seq, emoji) : unreact(room, seq, emoji)),
      () => show(!on),
    );
  }

  remove(room: number, seq: number): Removal {
    const timeline = this.#parts.timeline(room);
    timeline.hide(seq, true);
    let undo = () => {};
    const done = new Promise<void>((resolve, reject) => {
      const now = () => {
        settle();
        this.#remove(timeline, seq).then(resolve, reject);
      };
      const cancel = this.#parts.clock.after(undoWithin, now);
      const settle = () => {
        cancel();
        this.#removals.delete(now);
      };
      this.#removals.add(now);
      undo = () => {
        if (!this.#removals.has(now)) return;
        settle();
        timeline.hide(seq, false);
        resolve();
      };
    });
    // Whoever does not wait for it still learns of it by `failure`.
    done.catch(() => {});
    return { undo: () => undo(), done };
  }

  stop(): void {
    this.#removeNow();
    this.#unwatch();
  }

  async #remove(timeline: Timeline, seq: number): Promise<void> {
    await this.#try(
      () => this.#parts.api.removeMessage(timeline.room, seq),
      () => timeline.hide(seq, false),
    );
    // From here its own mark of deletion counts: a reply may keep its place.
    timeline.gone(seq, new Date(this.#parts.clock.now()).toISOString());
  }

  #removeNow(): void {
    for (const now of [...this.#removals]) now();
  }

  async #try(act: () => Promise<void>, takeBack: () => void): Promise<void> {
    try {
      await act();
    } catch (err) {
      takeBack();
      this.#failure.value = failure(err);
      throw err;
    }
  }
}

/** The words of one version of a message, everything else of the other. */
function withText(message: Message, words: Message): Message {
  const { rich: _rich, edited_at: _edited, ...rest } = message;
  const { text, rich, edited_at } = words;
  return { ...rest, text, ...(rich && { rich }), ...(edited_at !== undefined && { edited_at }) };
}
