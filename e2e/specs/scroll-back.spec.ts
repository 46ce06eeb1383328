import { expect, test } from '../harness/test.ts';

test.use({ serverOptions: { flags: ['--limit-messages-per-second', '0'] } });

const written = 300;

// Runs in the page: scrolls up by a step, then watches for some frames how far
// the first row in view moves by itself, because older rows arrive above it.
async function scrollUpAndWatch(list: Element, { step, frames }: { step: number; frames: number }): Promise<number> {
  let scroller: Element = list;
  while (!/auto|scroll/.test(getComputedStyle(scroller).overflowY)) scroller = scroller.parentElement!;
  scroller.scrollBy({ top: -step, behavior: 'instant' });
  const edge = scroller.getBoundingClientRect().top;
  const rows = [...list.querySelectorAll('[role=listitem][data-seq]')];
  const reading = rows.find((row) => row.getBoundingClientRect().bottom > edge + 1)!;
  const before = reading.getBoundingClientRect().top;
  let moved = 0;
  for (let frame = 0; frame < frames; frame++) {
    await new Promise(requestAnimationFrame);
    if (!reading.isConnected) throw new Error('the row being read was taken out of the page');
    moved = Math.max(moved, Math.abs(reading.getBoundingClientRect().top - before));
  }
  return moved;
}

test('older messages load above without moving the row being read', async ({ ada, sit }) => {
  await ada.createRoom('Launch');
  for (let number = 1; number <= written; number++) {
    await ada.post('launch', `message ${number} of ${written}\n${'more words '.repeat((number * 7) % 40)}`);
  }
  const reader = await sit();
  await reader.signInAs(ada);
  await reader.openRoom('launch');
  await reader.sees(`message ${written} of`);
  await expect(reader.row('message 1 of')).toHaveCount(0); // not loaded yet

  const list = reader.page.getByRole('list', { name: /^Messages in / });
  let worst = 0;
  for (let step = 0; step < 150 && (await reader.row('message 1 of').count()) === 0; step++) {
    worst = Math.max(worst, await list.evaluate(scrollUpAndWatch, { step: 700, frames: 12 }));
  }
  await expect(reader.row('message 1 of')).toHaveCount(1);
  expect(worst, 'pixels that the row being read moved').toBeLessThanOrEqual(1);
});
