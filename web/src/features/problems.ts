// Failures in the words that people read.
import { failure } from '../wire/api.ts';
import type { Failure } from '../state/contract.ts';

const NO_NETWORK = 'The server can’t be reached. Check the connection and try again.';

/** One sentence for an error that a method of the state or the API rejected with. */
export function say(err: unknown): string {
  return sayFailure(failure(err));
}

export function sayFailure(what: Failure): string {
  if (what.kind === 'network') return NO_NETWORK;
  return what.problem.detail || what.problem.title;
}

export function codeOf(err: unknown): string {
  const what = failure(err);
  return what.kind === 'problem' ? what.problem.code : 'network';
}

/** Refusals that belong to one field although the server names none. */
const FIELD_OF_CODE: Record<string, string> = {
  username_taken: 'username',
  slug_taken: 'slug',
  wrong_password: 'current',
};

/** The messages by field; empty when the refusal is about the whole. */
export function fieldErrors(err: unknown): Record<string, string> {
  const what = failure(err);
  if (what.kind === 'network') return {};
  const { problem } = what;
  const named = (problem.errors ?? []).map((one) => [one.field, one.detail] as const);
  const implied = FIELD_OF_CODE[problem.code];
  return Object.fromEntries(named.length > 0 || !implied ? named : [[implied, problem.detail ?? problem.title]]);
}
