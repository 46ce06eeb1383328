// What a close code asks of the client (docs/protocol.md lists them).
import { backoff } from '../lib/backoff.ts';

export type Consequence =
  | { do: 'return'; after: number }
  /** The sign-in is over: to the sign-in page. */
  | { do: 'end' }
  /** This account may not use this server. */
  | { do: 'refuse' }
  /** A defect: stop and say so. */
  | { do: 'stop' };

const restarting = 1012;
const ended = 4001;
const refused = 4003;
const defects = [1002, 1003, 1007, 1009];
// A flood of ours, or no first op in time: coming back at once would repeat it.
const policy = 1008;

/** `attempt` counts tries without success, from 0; `random` gives 0 to 1. */
export function consequence(code: number, reason: string, attempt: number, random: () => number): Consequence {
  if (code === ended) return { do: 'end' };
  if (code === refused) return { do: 'refuse' };
  if (defects.includes(code)) return { do: 'stop' };
  const wait = backoff(attempt, random);
  const asked = /^retry=(\d{1,4})$/.exec(reason);
  if (asked) return { do: 'return', after: Math.max(wait, Number(asked[1]) * 1000 * (1 + 0.3 * random())) };
  if (code === restarting && attempt === 0) return { do: 'return', after: wait + 2000 * random() };
  if (code === policy) return { do: 'return', after: Math.max(wait, 10_000) };
  return { do: 'return', after: wait };
}
