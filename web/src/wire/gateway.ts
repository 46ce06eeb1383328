import type { Clock } from '../lib/env.ts';
import type { Fetch } from './api.ts';

// About as long as a gateway needs to notice that a node is gone.
const waits = [100, 500, 2000];

/**
 * Asks again when a gateway answers in place of a server that it did not
 * reach: the next node may be there. Only questions, which change nothing.
 */
export function pastGateways(fetch: Fetch, clock: Clock): Fetch {
  return async (url, init) => {
    for (let tries = 0; ; tries++) {
      const answer = await fetch(url, init);
      const wait = waits[tries];
      if (init.method !== 'GET' || wait === undefined || !isGateways(answer)) return answer;
      await new Promise<void>((resolve) => clock.after(wait, resolve));
    }
  };
}

// The server's own refusals come as problem documents.
function isGateways({ status, headers }: Response): boolean {
  return status >= 502 && status <= 504 && !headers.get('Content-Type')?.startsWith('application/problem+json');
}
