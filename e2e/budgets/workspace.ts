import { Api, Server } from '../harness/test.ts';

const people = 8;
const rooms = 40;
/** Messages of the room "long". */
export const long = 10_000;
/** Messages that are sent at a time while the workspace is filled. */
const lanes = 32;

const words = 'The release branch is cut and the totals match the ledger to the cent so we only wait for the last word of support'.split(' ');

/** What somebody may have written: of any length from two words to a paragraph, the same in every run. */
function text(number: number): string {
  const length = 2 + ((number * 37) % 41) * (number % 9 === 0 ? 3 : 1);
  return `${number}: ` + Array.from({ length }, (_, i) => words[(number * 7 + i) % words.length]).join(' ');
}

/** A server with 40 rooms, one of them with 10,000 messages. */
export interface Workspace {
  server: Server;
  /** In every room; the administrator first. */
  people: Api[];
  slugs: string[];
}

export async function fillWorkspace(): Promise<Workspace> {
  const off = ['--limit-messages-per-second', '--limit-signups-per-hour', '--limit-logins-per-minute'];
  const server = await Server.start({ flags: off.flatMap((flag) => [flag, '0']) });
  const all = [await Api.setUp(server.url, 'ada')];
  while (all.length < people) all.push(await Api.signUp(server.url, `person${all.length}`));
  const slugs = [];
  for (let number = 1; number <= rooms; number++) {
    const { slug } = await all[0]!.createRoom(number === 1 ? 'Long' : `Room ${number}`);
    slugs.push(slug);
    await Promise.all(all.map((one) => one.join(slug)));
    await post(all, slug, slug === 'long' ? long : 60);
  }
  for (const one of all) await one.call('PUT', 'rooms/long/read', { seq: long + people });
  return { server, people: all, slugs };
}

async function post(all: Api[], slug: string, count: number): Promise<void> {
  let next = 1;
  const lane = async () => {
    while (next <= count) {
      const number = next++;
      await all[number % all.length]!.post(slug, text(number));
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** Sends `count` messages at `perSecond`, each at its time, whatever the answers take. */
export async function talk(who: Api, slug: string, count: number, perSecond: number): Promise<void> {
  const begun = Date.now();
  const sent = [];
  for (let number = 0; number < count; number++) {
    const wait = begun + (number * 1000) / perSecond - Date.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    sent.push(who.post(slug, `live ${number}`));
  }
  await Promise.all(sent);
}
