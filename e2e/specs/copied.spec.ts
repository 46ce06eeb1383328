import { Api, type CopiedNode, expect, test } from '../harness/test.ts';

// The page of somebody who is there while the workspace is copied knows the
// numbers of the history that was. What it shows must be the new one's.
test('who is there while the workspace moves goes on with everything once', async ({ ada, parley, sit }) => {
  await ada.createRoom('Launch');
  const bruno = await Api.signUp(parley.url, 'bruno');
  await bruno.join('launch');
  for (const text of ['first', 'second', 'third']) await bruno.post('launch', text);
  const person = await sit();
  person.serverMayBeAway = true;
  await person.signInAs(ada);
  await person.openRoom('launch');
  await person.sees('third');

  await (parley as CopiedNode).copy();
  await bruno.post('launch', 'said on the copy');
  await person.sees('said on the copy');
  await person.send('written on the copy');
  await person.sees('written on the copy');
  for (const text of ['first', 'second', 'third']) await expect(person.row(text)).toHaveCount(1);
  await person.page.reload();
  await person.sees('written on the copy');
  expect((await ada.messages('launch')).map(({ text }) => text))
    .toEqual(['first', 'second', 'third', 'said on the copy', 'written on the copy']);
});
