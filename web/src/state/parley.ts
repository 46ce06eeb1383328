import type { Env } from '../lib/env.ts';
import type { Parley } from './contract.ts';

/** Builds the client's state from the browser's parts. */
export function createParley(_env: Env): Parley {
  throw new Error('being built');
}
