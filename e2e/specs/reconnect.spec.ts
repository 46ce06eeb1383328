import { expect, test } from '../harness/test.ts';

test('a message written while the server is away is sent once, after a reload too', async ({ parley, ada, sit }) => {
  await ada.createRoom('Launch');
  const writer = await sit();
  writer.serverMayBeAway = true;
  await writer.signInAs(ada);
  await writer.openRoom('launch');
  await writer.send('before');
  await writer.sees('before');

  await writer.composer.pressSequentially('half a sen');
  await parley.kill();
  await writer.composer.pressSequentially('tence');
  await writer.press('Send');
  await writer.sees('half a sentence');
  await expect(writer.page.getByText('Reconnecting', { exact: false }).first()).toBeVisible();
  expect(await writer.composer.inputValue()).toBe('');

  await parley.startAgain();
  await expect.poll(async () => (await ada.messages('launch')).map((message) => message.text))
    .toEqual(['before', 'half a sentence']);
  await writer.page.reload();
  await writer.sees('half a sentence');
  expect((await ada.messages('launch')).map((message) => message.text)).toEqual(['before', 'half a sentence']);
});

test('what waits to be sent survives a reload', async ({ ada, sit }) => {
  await ada.createRoom('Launch');
  const writer = await sit();
  writer.serverMayBeAway = true;
  await writer.signInAs(ada);
  // The page answers to nobody but itself: no socket, so nothing can be sent.
  await writer.page.routeWebSocket(/\/api\/v1\/ws/, (socket) => socket.close({ code: 1012 }));
  await writer.openRoom('launch');
  await writer.send('kept');
  await writer.sees('kept');
  await writer.page.close();

  const page = await writer.context.newPage();
  await page.goto(`${writer.url}/rooms/launch`);
  await expect(page.getByRole('listitem').filter({ hasText: 'kept' })).toHaveCount(1);
  await expect.poll(async () => (await ada.messages('launch')).map((message) => message.text)).toEqual(['kept']);
});

test('a draft survives a reload', async ({ ada, sit }) => {
  await ada.createRoom('Launch');
  const writer = await sit();
  await writer.signInAs(ada);
  await writer.openRoom('launch');
  await writer.composer.pressSequentially('not yet');
  await writer.page.reload();
  await expect(writer.composer).toHaveValue('not yet');
});
