import { expect, test } from '../harness/test.ts';

test.use({ serverOptions: { flags: ['--signup', 'invite'] } });

test('a colleague joins by an invitation and nobody without one', async ({ ada, sit }) => {
  const stranger = await sit();
  await stranger.goto('/signup');
  await expect(stranger.page.getByText('by invitation')).toBeVisible();
  await expect(stranger.button('Create account')).toHaveCount(0);

  const admin = await sit();
  await admin.signInAs(ada);
  await admin.goto('/');
  await admin.press('Invite people');
  const dialog = admin.page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Make link', exact: true }).click();
  const address = await dialog.getByRole('textbox', { name: 'Invite link' }).inputValue();
  expect(address).toContain(`${admin.url}/join/`);

  const colleague = await sit();
  await colleague.page.goto(address);
  await colleague.fillAccount('bruno');
  await colleague.press('Create account');
  await colleague.browseRooms();
  await expect(colleague.page.getByText('There are no rooms yet')).toBeVisible();
});
