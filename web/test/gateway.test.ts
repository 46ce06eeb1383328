import { describe, expect, it } from 'vitest';
import { pastGateways } from '../src/wire/gateway.ts';
import { FakeClock } from './fakes.ts';

const problem = { 'Content-Type': 'application/problem+json' };

/** Asks once, where the answers come in this order; gives the status and how many were used. */
async function ask(method: string, ...answers: Response[]): Promise<{ status: number; asked: number }> {
  const clock = new FakeClock();
  let asked = 0;
  const fetch = pastGateways(() => Promise.resolve(answers[asked++]!), clock);
  const answer = fetch('/api/v1/rooms', { method });
  await clock.pass(10_000);
  return { status: (await answer).status, asked };
}

const gateways = (status = 502) => new Response('<html>', { status, headers: { 'Content-Type': 'text/html' } });

describe('a gateway that does not reach a node', () => {
  it('is asked again, until another node answers', async () => {
    expect(await ask('GET', gateways(), gateways(504), new Response('{}'))).toEqual({ status: 200, asked: 3 });
  });

  it('is asked no more than four times', async () => {
    expect(await ask('GET', ...Array.from({ length: 9 }, () => gateways()))).toEqual({ status: 502, asked: 4 });
  });

  it('is not asked again for what changes something', async () => {
    expect(await ask('POST', gateways(), new Response('{}'))).toEqual({ status: 502, asked: 1 });
  });

  it('is not what refuses by itself', async () => {
    const refused = new Response('{}', { status: 503, headers: problem });
    expect(await ask('GET', refused, new Response('{}'))).toEqual({ status: 503, asked: 1 });
  });
});
