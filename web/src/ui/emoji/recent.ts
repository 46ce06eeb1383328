const NAME = 'parley.emoji';
const KEPT = 24;
const START = ['👍', '✅', '🎉', '😍', '👀', '😂', '🙏', '❤️'];

/** The emoji used on this device, most often used first, filled up with common ones. */
export function recentEmoji(): readonly string[] {
  const used = Object.entries(read())
    .sort((a, b) => b[1] - a[1])
    .map(([sign]) => sign);
  return [...new Set([...used, ...START])].slice(0, START.length);
}

/** Counts a use. Counts fade, so that habits may change. */
export function noteEmoji(sign: string): void {
  const counts = read();
  for (const other of Object.keys(counts)) counts[other] = (counts[other] ?? 0) * 0.95;
  counts[sign] = (counts[sign] ?? 0) + 1;
  const most = Object.entries(counts)
    .sort((a, b) => b[1] - a[1])
    .slice(0, KEPT);
  try {
    localStorage.setItem(NAME, JSON.stringify(Object.fromEntries(most)));
  } catch {
    // Private mode: the habit lives as long as the page.
  }
}

function read(): Record<string, number> {
  try {
    const held: unknown = JSON.parse(localStorage.getItem(NAME) ?? '{}');
    if (!held || typeof held !== 'object') return {};
    return Object.fromEntries(
      Object.entries(held).filter((pair): pair is [string, number] => typeof pair[1] === 'number'),
    );
  } catch {
    return {};
  }
}
