import { Api, expect, test } from '../harness/test.ts';

test('an administrator disables an account, and its owner is signed out', async ({ ada, sit }) => {
  await ada.createRoom('Launch');
  const bruno = await Api.signUp(ada.url, 'bruno');
  await bruno.join('launch');
  const admin = await sit();
  const member = await sit();
  await admin.signInAs(ada);
  await member.signInAs(bruno);
  await member.openRoom('launch');

  await admin.goto('/admin/people');
  await admin.press('Manage bruno');
  await admin.press('Disable account');
  await admin.page.getByRole('dialog').getByRole('button', { name: 'Disable account', exact: true }).click();
  await expect(admin.page.getByRole('row', { name: /bruno/ })).toContainText('Disabled');

  await expect(member.composer).toBeHidden();
  await member.goto('/login');
  await member.fillAccount('bruno');
  await member.press('Sign in');
  await expect(member.page.getByRole('alert')).toBeVisible();
});

test('an administrator makes another one', async ({ ada, sit }) => {
  await Api.signUp(ada.url, 'bruno');
  const admin = await sit();
  await admin.signInAs(ada);
  await admin.goto('/admin/people');
  await admin.press('Manage bruno');
  await admin.page.getByRole('group', { name: 'Role' }).getByRole('button', { name: 'Administrator' }).click();
  await admin.press('Save');
  await expect(admin.page.getByRole('row', { name: /bruno/ })).toContainText('Administrator');
});

test('a room is renamed, archived and restored, and people in it see that', async ({ ada, sit }) => {
  await ada.createRoom('Launch');
  const bruno = await Api.signUp(ada.url, 'bruno');
  await bruno.join('launch');
  const admin = await sit();
  const member = await sit();
  await admin.signInAs(ada);
  await member.signInAs(bruno);
  await member.openRoom('launch');

  await admin.goto('/admin/rooms');
  await admin.press('Manage Launch');
  await admin.page.getByLabel('Name', { exact: true }).fill('Lift-off');
  await admin.press('Save');
  await expect(member.page.getByRole('heading', { level: 1 })).toHaveText('Lift-off');

  await admin.press('Archive room');
  await admin.page.getByRole('dialog').getByRole('button', { name: 'Archive room', exact: true }).click();
  await expect(member.composer).toBeHidden();
  await admin.press('Restore room');
  await expect(member.composer).toBeVisible();
});

test('a member gets no administration and makes no room', async ({ ada, sit }) => {
  const bruno = await Api.signUp(ada.url, 'bruno');
  const member = await sit();
  await member.signInAs(bruno);
  await member.goto('/rooms');
  await expect(member.page.getByRole('heading', { level: 1, name: 'All rooms' })).toBeVisible();
  await expect(member.button('New room')).toHaveCount(0);
  await expect(bruno.createRoom('Mine')).rejects.toThrow(/403.*admins_only/);
});
