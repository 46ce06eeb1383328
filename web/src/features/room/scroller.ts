import { correction, firstVisible, type Anchor } from '../../state/window.ts';
import type { Target } from './list-view.ts';

const FLASH_MS = 2400;

/**
 * The scroller is reversed: its position is 0 at the end and negative above,
 * so what is added or removed above needs no correction. What changes below
 * the line being read is corrected from one anchor, noted when the person
 * scrolls and never renewed by a correction.
 */
export class Scroller {
  #box: HTMLElement | null = null;
  #block: HTMLElement | null = null;
  #anchor: Anchor | null = null;
  #written = 0;
  #top = 0;

  attach(box: HTMLElement, block: HTMLElement, scrolled: () => void, grown: () => void): () => void {
    this.#box = box;
    this.#block = block;
    const listen = () => {
      this.#top = box.scrollTop;
      scrolled();
    };
    const watch = new ResizeObserver(() => grown());
    box.addEventListener('scroll', listen, { passive: true });
    watch.observe(block);
    watch.observe(box);
    return () => {
      box.removeEventListener('scroll', listen);
      watch.disconnect();
      this.#box = this.#block = null;
    };
  }

  fromEnd(): number {
    return this.#box ? -this.#box.scrollTop : 0;
  }

  /** As of the last scrolling: asks the browser for nothing. */
  restsAtEnd(): boolean {
    return this.#top > -1;
  }

  height(): number {
    return this.#box?.clientHeight ?? 0;
  }

  /** Pixels beyond either edge of what is seen. */
  room(): { above: number; below: number; height: number } {
    const box = this.#box;
    if (!box) return { above: 0, below: 0, height: 0 };
    const below = -box.scrollTop;
    return { above: box.scrollHeight - box.clientHeight - below, below, height: box.clientHeight };
  }

  /** The person scrolled: remember the first row seen and where it stands. Our own writes are told apart by their value. */
  notePlace(): void {
    const box = this.#box;
    if (!box || Math.abs(box.scrollTop - this.#written) < 1) return;
    this.#written = Number.NaN;
    this.#noteTop();
  }

  keepPlace(): void {
    const box = this.#box;
    if (!box) return;
    if (this.fromEnd() <= 1 || !this.#anchor) return;
    const row = this.#rowOf(this.#anchor.id);
    if (!row) return this.#noteTop();
    const by = correction(this.#anchor, this.#offsetOf(row));
    if (by !== 0) this.#write(box.scrollTop + by);
  }

  goTo(target: Target): void {
    const box = this.#box;
    if (!box) return;
    const row = target.at === 'end' ? null : this.#block?.querySelector<HTMLElement>(`[data-seq="${target.seq}"]`);
    if (target.at === 'end' || !row) {
      this.#anchor = null;
      return this.#write(0);
    }
    const free = box.clientHeight - row.offsetHeight;
    const wanted = target.at === 'third' ? box.clientHeight / 3 : Math.max(48, free / 2);
    this.#write(box.scrollTop + this.#offsetOf(row) - wanted);
    this.#noteTop();
    if (target.flash) flash(row);
  }

  seqAtTop(): number | null {
    const row = this.#topRow();
    return row ? Number(row.dataset['seq'] ?? 0) || null : null;
  }

  /** Whether the row with this id is within view. */
  sees(id: string): boolean {
    const row = this.#rowOf(id);
    if (!row) return false;
    const offset = this.#offsetOf(row);
    return offset >= -row.offsetHeight && offset < this.height();
  }

  #write(top: number): void {
    const box = this.#box;
    if (!box) return;
    box.scrollTop = top;
    this.#written = this.#top = box.scrollTop;
  }

  #noteTop(): void {
    const row = this.fromEnd() <= 1 ? null : this.#topRow();
    this.#anchor = row ? { id: row.dataset['id'] ?? '', offset: this.#offsetOf(row) } : null;
  }

  #topRow(): HTMLElement | undefined {
    const rows = this.#block?.children;
    const box = this.#box;
    if (!rows || !box) return undefined;
    const top = box.getBoundingClientRect().top;
    const at = firstVisible(rows.length, (row) => rows[row]!.getBoundingClientRect().bottom, top + 1);
    for (let i = at; i < rows.length; i++) {
      const row = rows[i] as HTMLElement;
      if (row.dataset['seq']) return row;
    }
    return undefined;
  }

  #offsetOf(row: HTMLElement): number {
    return row.getBoundingClientRect().top - (this.#box?.getBoundingClientRect().top ?? 0);
  }

  #rowOf(id: string): HTMLElement | null {
    return this.#block?.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"]`) ?? null;
  }
}

function flash(row: HTMLElement): void {
  row.classList.add('flash');
  setTimeout(() => row.classList.remove('flash'), FLASH_MS);
}
