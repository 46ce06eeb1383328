import { twoInARoom } from '../harness/pair.ts';
import { type Cluster, expect, type Person, test } from '../harness/test.ts';

// What needs a second node. All other specs run on two nodes as well.

/** Both write, and both see both, once. */
async function expectTalk(people: readonly Person[], about: string): Promise<void> {
  const texts = people.map((_, index) => `${about}, said by ${index}`);
  for (const [index, person] of people.entries()) await person.send(texts[index]!);
  for (const person of people) {
    for (const text of texts) await person.sees(text);
  }
}

test('a node that dies takes nobody along, and is taken back', async ({ parley, ada, sit }) => {
  const people = await twoInARoom(ada, sit);
  for (const person of people) person.serverMayBeAway = true;
  for (const [number, node] of parley.nodes.entries()) {
    await node.kill();
    await expectTalk(people, `without node ${number}`);
    await node.startAgain();
    await expectTalk(people, `with node ${number} again`);
  }
  expect(await ada.messages('launch')).toHaveLength(8);
});

test('people on different nodes read each other while Redis is away, and after it came back empty', async ({ parley, ada, sit }) => {
  const people = await twoInARoom(ada, sit);
  const { redis } = parley as Cluster;
  await redis.kill();
  await expectTalk(people, 'without Redis');
  await redis.startAgain();
  await expectTalk(people, 'with Redis again');
  expect(await ada.messages('launch')).toHaveLength(4);
});

test('who types on one node is seen on the other', async ({ ada, sit }) => {
  const [writer, reader] = await twoInARoom(ada, sit);
  // Told at most once, and perhaps before the reader listens: typing goes on.
  await expect(async () => {
    await writer.composer.press('a');
    await expect(reader.page.getByText('ada is typing', { exact: false })).toBeVisible({ timeout: 1_200 });
  }).toPass({ timeout: 20_000 });
});
