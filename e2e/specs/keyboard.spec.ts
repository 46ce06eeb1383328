import { Api, expect, test } from '../harness/test.ts';

test('signing in, choosing a room, writing and editing need no pointer', async ({ ada, sit }) => {
  for (const name of ['Launch', 'Design']) await ada.createRoom(name);
  const person = await sit();
  const keys = person.page.keyboard;
  await person.goto('/login');
  await expect(person.page.getByLabel('User name', { exact: true })).toBeFocused();
  await keys.type('ada');
  await keys.press('Tab');
  await expect(person.page.getByLabel('Password', { exact: true })).toBeFocused();
  await keys.type(Api.password);
  await keys.press('Enter');
  await expect(person.composer).toBeFocused();

  await keys.press('Alt+ArrowDown');
  await expect(person.composer).toHaveAccessibleName('Message #launch');
  await expect(person.composer).toBeFocused();
  await keys.type('written by hand');
  await keys.press('Enter');
  await person.sees('written by hand');
  await expect(person.row('written by hand')).not.toHaveClass(/\bpend\b/); // what is on its way cannot be edited

  await keys.press('Shift+Tab');
  await expect(person.row('written by hand')).toBeFocused();
  await keys.press('e');
  const editor = person.page.getByRole('textbox', { name: 'Edit message' });
  await expect(editor).toBeFocused();
  await keys.press('End');
  await keys.type(', and edited');
  await keys.press('Enter');
  await person.sees('written by hand, and edited');
  await expect(person.row('written by hand, and edited')).toContainText('edited');
});
