export type PresenceState = 'active' | 'away' | 'offline';

export interface AvatarProps {
  /** Chooses the hue; the same person has the same colour everywhere. */
  id: number;
  name: string;
  size?: 'xs' | 's' | 'l';
  presence?: PresenceState;
}

const HUES = 8;

/** Initials on a tile. It is decoration: the person's name always stands beside it. */
export function Avatar({ id, name, size, presence }: AvatarProps) {
  return (
    <span class={`av h${hueOf(id)}${size ? ` ${size}` : ''}`} aria-hidden="true">
      {initials(name)}
      {presence && presence !== 'offline' && <span class={`st ${presence}`} />}
    </span>
  );
}

export function hueOf(id: number): number {
  return (Math.imul(id, 0x9e3779b1) >>> 29) & (HUES - 1);
}

/** Two letters at most: of the first and last word, or of the first word alone. */
export function initials(name: string): string {
  const words = name
    .trim()
    .split(/[\s._-]+/u)
    .filter(Boolean);
  const first = firstSign(words[0]);
  const last = words.length > 1 ? firstSign(words[words.length - 1]) : ([...(words[0] ?? '')][1] ?? '');
  return (first + last).toLocaleUpperCase();
}

function firstSign(word: string | undefined): string {
  return [...(word ?? '')][0] ?? '?';
}
