import { Api, expect, type Person, test } from '../harness/test.ts';

test.use({ serverOptions: { flags: ['--limit-messages-per-second', '0'] } });

async function longRoom(ada: Api, sit: () => Promise<Person>, count: number): Promise<Person> {
  await ada.createRoom('Launch');
  for (let number = 1; number <= count; number++) await ada.post('launch', `message ${number} of ${count}`);
  const reader = await sit();
  await reader.signInAs(ada);
  return reader;
}

const top = async (person: Person, text: string) => (await person.row(text).boundingBox())?.y;

test('the list follows at its end, and away from it a pill tells what came', async ({ ada, sit }) => {
  const reader = await longRoom(ada, sit, 60);
  const writer = await Api.signUp(ada.url, 'bruno');
  await writer.join('launch');
  await reader.openRoom('launch');
  await writer.post('launch', 'followed');
  await reader.sees('followed');

  await reader.scroll(-500);
  await expect(reader.row('followed')).not.toBeInViewport();
  const reading = (await reader.rows.evaluateAll((rows) =>
    rows.map((row) => ({ text: row.textContent ?? '', top: row.getBoundingClientRect().top }))
      .find((row) => row.top > 150)!.text.match(/message \d+ of \d+/)![0]));
  const before = await top(reader, reading);
  await writer.post('launch', 'not followed');
  const pill = reader.button('1 new message');
  await expect(pill).toBeVisible();
  await expect(reader.row('not followed')).not.toBeInViewport();
  expect(Math.abs((await top(reader, reading))! - before!)).toBeLessThanOrEqual(0.5);

  await pill.click();
  await reader.sees('not followed');
  await expect(pill).toHaveCount(0);
});

test('what I write is shown, however far up I am', async ({ ada, sit }) => {
  const reader = await longRoom(ada, sit, 60);
  await reader.openRoom('launch');
  await reader.scroll(-1500);
  await expect(reader.row('message 60 of')).not.toBeInViewport();
  await reader.send('here I am');
  await reader.sees('here I am');
});

test('the address of a message leads to it, from outside and by a copied link', async ({ ada, sit }) => {
  const reader = await longRoom(ada, sit, 150);
  const target = (await ada.messages('launch')).find(({ text }) => text.startsWith('message 20 of'))
    ?? { seq: 21 };
  await reader.goto(`/rooms/launch/${target.seq}`);
  await reader.sees('message 20 of');
  await expect(reader.row('message 150 of')).toHaveCount(0);
  await reader.press('Jump to latest');
  await reader.sees('message 150 of');
  await reader.goto('/rooms/nowhere');
  await expect(reader.page.getByText('doesn’t exist, or you’re not in it')).toBeVisible();
});
