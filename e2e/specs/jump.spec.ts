import { expect, test } from '../harness/test.ts';

test('Ctrl+K leads to a room by a part of its name, and Esc leads back', async ({ ada, sit }) => {
  for (const name of ['Launch', 'Design', 'Engineering']) await ada.createRoom(name);
  const person = await sit();
  await person.signInAs(ada);
  await person.openRoom('launch');
  const field = person.page.getByRole('combobox', { name: 'Jump to' });

  await person.page.keyboard.press('Control+k');
  await expect(field).toBeFocused();
  await person.page.keyboard.type('nothing like it');
  await expect(person.page.getByText('Nothing is called')).toBeVisible();
  await person.page.keyboard.press('Escape');
  await expect(field).toHaveCount(0);
  await expect(person.composer).toBeFocused();

  await person.page.keyboard.press('Control+k');
  await expect(field).toBeFocused();
  await person.page.keyboard.type('des');
  await expect(person.page.getByRole('option').first()).toHaveText(/Design/);
  await person.page.keyboard.press('Enter');
  await expect(person.page).toHaveURL(/\/rooms\/design$/);
  await expect(person.composer).toHaveAccessibleName('Message #design');
});
