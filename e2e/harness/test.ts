import { test as base, type BrowserContextOptions } from '@playwright/test';
import { Api } from './api.ts';
import { CopiedNode, type Copied } from './copied.ts';
import { missingEngine, Postgres } from './engines.ts';
import { Person } from './person.ts';
import { Cluster, Server, type ServerOptions } from './server.ts';

export { expect } from '@playwright/test';
export { Api, Cluster, CopiedNode, Person, Server };

/** Where a person sits: window, theme, touch. */
export type Seat = Pick<BrowserContextOptions, 'viewport' | 'colorScheme' | 'hasTouch' | 'isMobile'>;

export const seats = {
  desktop: { viewport: { width: 1440, height: 900 } },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
  dark: { viewport: { width: 1440, height: 900 }, colorScheme: 'dark' },
  darkPhone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, colorScheme: 'dark' },
} satisfies Record<string, Seat>;

interface Options {
  seat: Seat;
  serverOptions: ServerOptions;
}

export interface WorkerOptions {
  /** How many nodes a server has: 1 on SQLite, 2 on PostgreSQL and Redis. */
  nodes: 1 | 2;
  /** One node whose data goes through `parley copy` first; empty: it does not. */
  copied: Copied | '';
}

interface WorkerFixtures {
  /** Gives the PostgreSQL of the two nodes' databases, which starts when it is first asked for. */
  postgres: () => Promise<Postgres>;
}

interface Fixtures {
  /** A server of this test alone, on an empty database. */
  parley: Server;
  /** Gives somebody a browser of their own, on the server unless said otherwise. */
  sit: (url?: string) => Promise<Person>;
  /** A signed-in administrator, prepared through the API. */
  ada: Api;
}

export const test = base.extend<Options & Fixtures, WorkerOptions & WorkerFixtures>({
  seat: [seats.desktop, { option: true }],
  serverOptions: [{}, { option: true }],

  nodes: [1, { option: true, scope: 'worker' }],
  copied: ['', { option: true, scope: 'worker' }],

  postgres: [async ({}, use) => {
    let started: Promise<Postgres> | undefined;
    await use(() => started ??= Postgres.start());
    await (await started)?.end();
  }, { scope: 'worker' }],

  parley: async ({ nodes, copied, postgres, serverOptions }, use, testInfo) => {
    const missing = nodes > 1 ? missingEngine('postgres', 'redis') : copied ? missingEngine('postgres') : '';
    testInfo.skip(missing !== '', missing);
    const server = copied ? await CopiedNode.startOn(await postgres(), copied, serverOptions)
      : nodes > 1 ? await Cluster.startOn(await postgres(), serverOptions)
      : await Server.start(serverOptions);
    await use(server);
    await server.stop();
  },

  sit: async ({ browser, parley, seat }, use) => {
    const people: Person[] = [];
    await use(async (url = parley.url) => {
      await parley.settle();
      const person = await Person.sit(await browser.newContext(seat), url);
      people.push(person);
      return person;
    });
    for (const person of people) await person.context.close();
    for (const person of people) person.expectNoProblems();
  },

  ada: async ({ parley }, use) => {
    await use(await Api.setUp(parley.url, 'ada'));
  },
});
