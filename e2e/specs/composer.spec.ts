import type { Api } from '../harness/api.ts';
import { expect, type Person, test } from '../harness/test.ts';

async function writerIn(ada: Api, sit: () => Promise<Person>, ...rooms: string[]): Promise<Person> {
  for (const name of rooms) await ada.createRoom(name);
  const writer = await sit();
  await writer.signInAs(ada);
  await writer.openRoom(rooms[0]!.toLowerCase());
  return writer;
}

test('Enter sends and Shift+Enter begins a new line', async ({ ada, sit }) => {
  const writer = await writerIn(ada, sit, 'Launch');
  await writer.composer.pressSequentially('first');
  await writer.composer.press('Shift+Enter');
  await writer.composer.pressSequentially('second');
  await expect(writer.composer).toHaveValue('first\nsecond');
  await writer.composer.press('Enter');
  await writer.sees('second');
  await expect(writer.composer).toHaveValue('');
  await expect.poll(async () => (await ada.messages('launch')).map(({ text }) => text)).toEqual(['first\nsecond']);
});

test('Enter that ends a composition of an input method sends nothing', async ({ ada, sit }) => {
  const writer = await writerIn(ada, sit, 'Launch');
  const devtools = await writer.context.newCDPSession(writer.page);
  await writer.composer.focus();
  await devtools.send('Input.imeSetComposition', { text: 'にほん', selectionStart: 3, selectionEnd: 3 });
  await writer.page.keyboard.press('Enter'); // what an input method leaves to the page, while it is composing
  await devtools.send('Input.insertText', { text: '日本' });
  await expect(writer.composer).toHaveValue(/日本/);
  await writer.composer.evaluate((area) => area.dispatchEvent(
    new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true, cancelable: true })));
  await expect(writer.composer).toHaveValue(/日本/);
  expect(await ada.messages('launch')).toEqual([]);
});

test('each room keeps its own draft, through a reload too', async ({ ada, sit }) => {
  const writer = await writerIn(ada, sit, 'Launch', 'Design');
  await writer.composer.pressSequentially('about the launch');
  await writer.roomLink('Design').click();
  await expect(writer.composer).toHaveAccessibleName('Message #design');
  await expect(writer.composer).toHaveValue('');
  await writer.composer.pressSequentially('about colours');
  await writer.roomLink('Launch').click();
  await expect(writer.composer).toHaveValue('about the launch');
  await expect(writer.roomLink('Design')).toHaveAccessibleName(/has a draft/);
  await writer.page.reload();
  await expect(writer.composer).toHaveValue('about the launch');
  await writer.roomLink('Design').click();
  await expect(writer.composer).toHaveValue('about colours');
});

test('a message that is refused stays, and can be sent again or deleted', async ({ ada, sit }) => {
  await ada.createRoom('Launch');
  const writer = await sit();
  await writer.signInAs(ada);
  let spoiling = true;
  // On its way the text gets lost, and the server refuses what is left of it.
  await writer.page.routeWebSocket(/\/api\/v1\/ws/, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((data) => {
      const frame = JSON.parse(String(data)) as { op: string; text?: string };
      server.send(JSON.stringify(spoiling && frame.op === 'send' ? { ...frame, text: '' } : frame));
    });
  });
  await writer.openRoom('launch');
  await writer.send('goes at last');
  await writer.send('never goes');
  for (const text of ['goes at last', 'never goes']) await expect(writer.row(text)).toContainText('Not sent');
  spoiling = false;
  await writer.row('never goes').getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(writer.row('never goes')).toHaveCount(0);
  await writer.row('goes at last').getByRole('button', { name: 'Try again', exact: true }).click();
  await expect(writer.row('goes at last')).not.toContainText('Not sent');
  await expect.poll(async () => (await ada.messages('launch')).map(({ text }) => text)).toEqual(['goes at last']);
});
