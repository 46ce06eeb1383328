import { twoInARoom } from '../harness/pair.ts';
import { expect, seats, test } from '../harness/test.ts';

test('an edit is seen by the other', async ({ ada, sit }) => {
  const [writer, reader] = await twoInARoom(ada, sit);
  await writer.send('frist');
  await reader.sees('frist');
  await writer.row('frist').hover();
  await writer.press('Edit');
  const editor = writer.page.getByRole('textbox', { name: 'Edit message' });
  await expect(editor).toBeFocused(); // it moves its caret then, and fill would insert instead of replacing
  await editor.fill('first');
  await editor.press('Enter');
  for (const person of [writer, reader]) {
    await person.sees('first');
    await expect(person.row('frist')).toHaveCount(0);
    await expect(person.row('first')).toContainText('edited');
  }
});

test('a deletion is seen by the other', async ({ ada, sit }) => {
  const [writer, reader] = await twoInARoom(ada, sit);
  await writer.send('stays');
  await writer.send('goes');
  await reader.sees('goes');
  await writer.row('goes').hover();
  await writer.press('More actions');
  await writer.page.getByRole('menuitem', { name: 'Delete' }).click();
  for (const person of [writer, reader]) {
    await expect(person.row('goes')).toHaveCount(0);
    await person.sees('stays');
  }
});

test('a reaction is seen by the other and can be joined', async ({ ada, sit }) => {
  const [writer, reader] = await twoInARoom(ada, sit);
  await writer.send('shipped');
  await reader.sees('shipped');
  await reader.row('shipped').hover();
  await reader.press('React with 👍');
  await writer.row('shipped').getByRole('button', { name: '👍 1', exact: true }).click();
  for (const person of [writer, reader]) {
    await expect(person.row('shipped').getByRole('button', { name: '👍 2, including you', exact: true })).toBeVisible();
  }
});

test.describe('on a phone', () => {
  test.use({ seat: seats.phone });

  test('a long press opens what can be done', async ({ ada, sit }) => {
    const [writer, reader] = await twoInARoom(ada, sit);
    await writer.send('shipped');
    await reader.sees('shipped');
    await reader.longPress(reader.row('shipped'));
    await reader.press('React with 👍');
    await expect(writer.row('shipped').getByRole('button', { name: '👍 1', exact: true })).toBeVisible();
  });
});
