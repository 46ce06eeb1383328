import type { Api } from '../wire/api.ts';
import type { User } from '../wire/protocol.ts';
import { byName } from './members.ts';

const PAGES = 50;

/** Everybody with an account, by name. Administrators and pickers ask; more than 50 pages are cut off. */
export async function allUsers(api: Pick<Api, 'users'>): Promise<readonly User[]> {
  const all: User[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES; page++) {
    const answer = await api.users(cursor);
    all.push(...answer.users);
    cursor = answer.next;
    if (!cursor) break;
  }
  return all.sort(byName);
}
