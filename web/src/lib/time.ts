// Times as people of this locale write them. All take ms since 1970.

const locale = 'en';

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'short' });
const day = new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long' });
const dayAndYear = new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
const date = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long', year: 'numeric' });
const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });

/** "10:34", or "10:34 AM" where that is usual. */
export function clockTime(ms: number): string {
  return clock.format(ms);
}

/** "Thursday 19 November 2026 at 10:34": tooltips and accessible names. */
export function fullTime(ms: number): string {
  return full.format(ms);
}

/** "March 3, 2026". */
export function dateOf(ms: number): string {
  return date.format(ms);
}

/** "Today", "Yesterday", else "Thursday, November 19", with the year unless it is this one. */
export function dayName(ms: number, now: number): string {
  const ago = Math.round((startOfDay(now) - startOfDay(ms)) / 86_400_000);
  if (ago === 0 || ago === 1) return capital(relative.format(-ago, 'day'));
  const sameYear = new Date(ms).getFullYear() === new Date(now).getFullYear();
  return (sameYear ? day : dayAndYear).format(ms);
}

/** A number that is equal for times of the same local day. */
export function dayKey(ms: number): number {
  const at = new Date(ms);
  return (at.getFullYear() * 12 + at.getMonth()) * 31 + at.getDate() - 1;
}

function startOfDay(ms: number): number {
  return new Date(ms).setHours(0, 0, 0, 0);
}

function capital(text: string): string {
  return text.charAt(0).toLocaleUpperCase(locale) + text.slice(1);
}
