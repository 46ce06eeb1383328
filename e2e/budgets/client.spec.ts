import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import type { CDPSession } from '@playwright/test';
import { expect, Person, test as base, seats, type Seat } from '../harness/test.ts';
import { median, note, quantile, table } from './figures.ts';
import * as inPage from './page.ts';
import { fillWorkspace, long, talk, type Workspace } from './workspace.ts';

type Seated = (seat?: Seat) => Promise<{ person: Person; devtools: CDPSession }>;

// One server for all of it: it is filled once, and read.
const test = base.extend<{ seated: Seated }, { workspace: Workspace }>({
  workspace: [async ({}, use) => {
    const workspace = await fillWorkspace();
    await use(workspace);
    await workspace.server.stop();
    console.log(`\n${table()}`);
  }, { scope: 'worker', timeout: 120_000 }],

  seated: async ({ browser, workspace }, use) => {
    const people: Person[] = [];
    await use(async (seat: Seat = seats.desktop) => {
      const person = await Person.sit(await browser.newContext(seat), workspace.server.url);
      people.push(person);
      await person.signInAs(workspace.people[0]!);
      const devtools = await person.context.newCDPSession(person.page);
      await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
      return { person, devtools };
    });
    for (const person of people) await person.context.close();
    for (const person of people) person.expectNoProblems();
  },
});

const runs = 5;
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const KB = 1024;
const MB = 1024 * KB;

test('size of what is built', () => {
  const dist = fileURLToPath(new URL('../../web/dist', import.meta.url));
  const files = readdirSync(dist, { recursive: true }).map(String).filter((name) => /\.(js|css|html|svg|webmanifest)$/.test(name));
  const sizes = new Map(files.map((name) => [name, brotliCompressSync(readFileSync(path.join(dist, name))).length]));
  const sum = (fits: RegExp) => [...sizes].filter(([name]) => fits.test(name)).reduce((all, [, size]) => all + size, 0) / KB;
  note('all CSS', sum(/\.css$/), 12, 'KB');
  note('whole client', sum(/./), 400, 'KB');
  note('lazy part: emoji', sum(/(picker|emoji)[^/]*\.js$/), 30, 'KB');
  note('lazy part: admin', sum(/admin[^/]*\.js$/), 25, 'KB');
  note('lazy part: settings', sum(/settings[^/]*\.js$/), 15, 'KB');
});

test('start, cold', async ({ seated }) => {
  const phone: inPage.Start[] = [];
  for (let run = 0; run < runs; run++) {
    const { person, devtools } = await seated(seats.phone);
    await inPage.slowDown(devtools, { network: true });
    await person.page.addInitScript(inPage.watchShifts);
    await person.goto('/rooms/long');
    phone.push(await inPage.start(person.page));
    await person.context.close();
  }
  const of = (key: keyof inPage.Start) => median(phone.map((one) => one[key]));
  note('JS to open a room, first visit', of('js') / KB, 60, 'KB');
  note('CSS of a first visit', of('css') / KB, 12, 'KB');
  note('requests before a room is usable', of('requests'), 6, '');
  note('first contentful paint, phone, cold', of('paint'), 1200, 'ms');
  note('room usable, phone, cold', of('ready'), 1800, 'ms');
  note('script after download until usable, phone', of('script'), 450, 'ms');
  note('layout shift', of('shift'), 0.01, '');
});

test('switching rooms', async ({ seated, workspace }) => {
  const { person, devtools } = await seated();
  await person.openRoom('room-2');
  const some = workspace.slugs.slice(2, 27);
  await person.page.evaluate(inPage.switchRooms, some);
  await inPage.slowDown(devtools, { network: false });
  const took = await person.page.evaluate(inPage.switchRooms, some);
  note('room switch in memory, slowed, p50', median(took), 120, 'ms');
  note('room switch in memory, slowed, p95', quantile(took, 0.95), 250, 'ms');
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 1 });
  const before = await inPage.heap(devtools);
  for (let round = 0; round < 8; round++) await person.page.evaluate(inPage.switchRooms, some);
  note('heap growth over 200 room switches', ((await inPage.heap(devtools)) - before) / MB, 1, 'MB');
});

async function keys(person: Person, count: number): Promise<number[]> {
  await person.composer.focus();
  await person.page.evaluate(inPage.watchKeys);
  for (let number = 0; number < count; number++) await person.page.keyboard.press('abcdefghij '[number % 11]!, { delay: 20 });
  await expect(person.composer).toHaveValue(/.{100}/);
  const slow = await person.page.evaluate(() => (window as unknown as { keys: number[] }).keys);
  return [...slow, ...Array.from({ length: count - slow.length }, () => 16)];
}

test('writing', async ({ seated, workspace }) => {
  const { person, devtools } = await seated();
  await person.openRoom('long');
  const idle = await keys(person, 200);
  note('key press to paint, idle, p50', median(idle), 16, 'ms');
  note('key press to paint, idle, p95', quantile(idle, 0.95), 32, 'ms');
  await person.composer.fill('');
  await inPage.slowDown(devtools, { network: false });
  const [busy] = await Promise.all([keys(person, 120), talk(workspace.people[1]!, 'long', 600, 100)]);
  note('key press to paint, 100 messages/s, slowed, p50', median(busy), 100, 'ms');
  note('key press to paint, 100 messages/s, slowed, p95', quantile(busy, 0.95), 250, 'ms');
});

test('own message', async ({ seated }) => {
  const { person } = await seated();
  await person.openRoom('room-3');
  const took: number[] = [];
  for (let number = 0; number < 60; number++) {
    await person.composer.fill(`mine ${number}`);
    const shown = person.page.evaluate((text) => new Promise<number>((resolve) => {
      addEventListener('keydown', ({ timeStamp }) => {
        const look = () => {
          if (![...document.querySelectorAll('.log-block > [data-id]')].some((row) => row.textContent?.includes(text))) {
            return requestAnimationFrame(look);
          }
          return resolve(performance.now() - timeStamp);
        };
        requestAnimationFrame(look);
      }, { once: true, capture: true });
    }), `mine ${number}`);
    await person.composer.press('Enter');
    took.push(await shown);
  }
  note('own message visible after Enter, p95', quantile(took, 0.95), 32, 'ms');
});

test('arrivals', async ({ seated, workspace }) => {
  const { person, devtools } = await seated();
  await person.openRoom('room-4');
  await expect(person.rows.last()).toBeInViewport();
  const took: number[] = [];
  for (let run = 0; run < runs; run++) {
    const before = await inPage.metric(devtools, 'ScriptDuration');
    await talk(workspace.people[1]!, 'room-4', 100, 100);
    await pause(500); // asking the page whether they are there would be measured too
    took.push(((await inPage.metric(devtools, 'ScriptDuration')) - before) * 1000);
  }
  await expect(person.row('live 99').last()).toBeInViewport();
  note('script for 100 messages at 100/s', median(took), 40, 'ms');
  await person.page.evaluate(inPage.watchLongTasks);
  await talk(workspace.people[1]!, 'room-4', 100, 10);
  const slow = await person.page.evaluate(() => (window as unknown as { long: number[] }).long);
  note('long tasks while 10 messages/s arrive', slow.length, 0, '');
});

test('place kept', async ({ seated, workspace }) => {
  const { person } = await seated();
  await person.openRoom('room-5');
  await person.scroll(-900);
  await expect(person.button('Jump to latest').or(person.rows.first())).toBeVisible();
  await person.page.evaluate(inPage.watchFrames);
  await talk(workspace.people[1]!, 'room-5', 300, 100);
  await expect(person.button('300 new messages')).toBeVisible();
  const moved = await person.page.evaluate(() => (window as unknown as { moved: number }).moved);
  note('place kept while 300 messages arrive', moved, 0.5, 'px');
});

test('scrolling back through 10,000 messages', async ({ seated }) => {
  test.setTimeout(240_000);
  const { person, devtools } = await seated();
  await person.openRoom('room-6');
  const empty = await inPage.heap(devtools);
  await person.page.evaluate(inPage.switchRooms, ['long']);
  await person.page.evaluate(inPage.watchFrames);
  const until = Date.now() + 150_000;
  await person.scroll(0);
  const top = () => person.page.evaluate(() => Number(document.querySelector<HTMLElement>('.log-block > [data-seq]')!.dataset['seq']));
  while (Date.now() < until && (await top()) > 50) {
    for (let turn = 0; turn < 40; turn++) await Promise.all([person.page.mouse.wheel(0, -250), pause(12)]);
  }
  const frames = await person.page.evaluate(() => {
    const kept = window as unknown as { frames: number[]; stopFrames: () => void };
    kept.stopFrames();
    return kept.frames;
  });
  expect(await top()).toBeLessThanOrEqual(50);
  note('scrolling back: frames over 20 ms', (100 * frames.filter((one) => one > 20).length) / frames.length, 5, '%');
  note('scrolling back: longest frame', Math.max(...frames), 100, 'ms');
  const full = await inPage.heap(devtools);
  note(`heap with ${long.toLocaleString('en')} messages, above before`, (full - empty) / MB, 12, 'MB');
  note(`heap with ${long.toLocaleString('en')} messages, in all`, full / MB, 25, 'MB');
  note('DOM nodes', await person.page.evaluate(() => document.querySelectorAll('*').length), 5000, '');
});

test('place kept while older messages load', async ({ seated }) => {
  const { person } = await seated();
  await person.openRoom('long');
  let moved = 0;
  for (let step = 0; step < 40; step++) {
    await person.scroll(-2500);
    await person.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    await person.page.evaluate(inPage.watchFrames);
    await pause(250);
    moved = Math.max(moved, await person.page.evaluate(() => {
      const kept = window as unknown as { moved: number; stopFrames: () => void };
      kept.stopFrames();
      return kept.moved;
    }));
  }
  note('place kept while 2,000 older messages load', moved, 0.5, 'px');
});

test('idle', async ({ seated }) => {
  const { person, devtools } = await seated();
  await person.openRoom('room-7');
  await expect(person.rows.last()).toBeInViewport();
  await pause(3000);
  const seconds = 30;
  const before = await inPage.metric(devtools, 'TaskDuration');
  await pause(seconds * 1000);
  note('idle, part of a processor', (100 * ((await inPage.metric(devtools, 'TaskDuration')) - before)) / seconds, 0.2, '%');
});
