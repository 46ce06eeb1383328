// How long to wait before trying again.

const waits = [500, 1000, 2000, 4000, 8000, 15000];

/**
 * Milliseconds before try number `attempt` (from 0), with ±30 % of jitter so
 * that clients of a restarted server do not come back in step. `random` gives
 * 0 to 1.
 */
export function backoff(attempt: number, random: () => number): number {
  const wait = waits[Math.min(attempt, waits.length - 1)]!;
  return Math.round(wait * (0.7 + 0.6 * random()));
}
