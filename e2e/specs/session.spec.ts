import { Api, expect, type Person, test } from '../harness/test.ts';

async function secondTab(person: Person, path: string): Promise<Person['page']> {
  const page = await person.context.newPage();
  await page.goto(person.url + path);
  await expect(page.getByRole('textbox', { name: /^Message #/ })).toBeVisible();
  return page;
}

const signedOut = 'You were signed out';

test('a stranger sees the sign-in, and the browser nothing to complain of', async ({ ada, sit }) => {
  const visitor = await sit(ada.url);
  const complaints: string[] = [];
  visitor.page.on('console', (message) => {
    if (message.type() !== 'log') complaints.push(message.text());
  });
  await visitor.goto('/');
  await expect(visitor.button('Sign in')).toBeVisible();
  await visitor.page.reload();
  await expect(visitor.button('Sign in')).toBeVisible();
  expect(complaints).toEqual([]);
});

test('a session that is ended elsewhere asks for the password and keeps what was written', async ({ ada, sit }) => {
  await ada.createRoom('Launch');
  const writer = await sit();
  await writer.signInAs(ada);
  await writer.openRoom('launch');
  await writer.composer.pressSequentially('half a sentence');
  const { sessions } = await ada.call<{ sessions: { id: number; current: boolean }[] }>('GET', 'me/sessions');
  await ada.call('DELETE', `me/sessions/${sessions.find(({ current }) => current)!.id}`);

  const dialog = writer.page.getByRole('dialog', { name: signedOut });
  await expect(dialog).toBeVisible();
  await dialog.getByLabel('Password', { exact: true }).fill(Api.password);
  await dialog.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(dialog).toHaveCount(0);
  await expect(writer.composer).toHaveValue('half a sentence');
  await writer.composer.press('Enter');
  await writer.sees('half a sentence');
  await writer.page.reload();
  await writer.sees('half a sentence');
});

test('signing out in one tab ends the other, which goes on after signing in again', async ({ ada, sit }) => {
  await ada.createRoom('Launch');
  const person = await sit();
  await person.signInAs(ada);
  await person.openRoom('launch');
  const other = await secondTab(person, '/rooms/launch');
  await person.composer.pressSequentially('still here');

  await other.getByRole('button', { name: 'Your menu', exact: true }).click();
  await other.getByRole('menuitem', { name: 'Sign out' }).click();
  await other.getByRole('dialog').getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect(other.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible();
  await expect(person.page.getByRole('dialog', { name: signedOut })).toBeVisible();

  await other.getByLabel('User name', { exact: true }).fill('ada');
  await other.getByLabel('Password', { exact: true }).fill(Api.password);
  await other.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(person.page.getByRole('dialog', { name: signedOut })).toHaveCount(0);
  await expect(person.composer).toHaveValue('still here');
  await person.composer.press('Enter');
  await person.sees('still here');
});

test('two tabs of one person show the same, each message once', async ({ ada, sit }) => {
  await ada.createRoom('Launch');
  const person = await sit();
  await person.signInAs(ada);
  await person.openRoom('launch');
  const other = await secondTab(person, '/rooms/launch');
  await person.send('from the first');
  await other.getByRole('textbox', { name: /^Message #/ }).fill('from the second');
  await other.getByRole('textbox', { name: /^Message #/ }).press('Enter');
  for (const page of [person.page, other]) {
    for (const text of ['from the first', 'from the second']) {
      await expect(page.getByRole('listitem').filter({ hasText: text })).toHaveCount(1);
    }
  }
  await other.reload();
  await expect(other.getByRole('listitem').filter({ hasText: 'from the' })).toHaveCount(2);
});

test('an administrator resets a password, which ends the old sessions', async ({ ada, sit }) => {
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
  await admin.press('Reset password');
  const dialog = admin.page.getByRole('dialog');
  const reset = dialog.getByRole('button', { name: 'Reset password', exact: true });
  await dialog.getByLabel('New password', { exact: true }).fill('short');
  await reset.click();
  await expect(dialog.getByLabel('New password', { exact: true })).toHaveAccessibleDescription(/./);
  await dialog.getByLabel('New password', { exact: true }).fill('four words of my own');
  await reset.click();
  await expect(dialog).toHaveCount(0);

  const again = member.page.getByRole('dialog', { name: signedOut });
  await again.getByLabel('Password', { exact: true }).fill('four words of my own');
  await again.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(again).toHaveCount(0);
  await member.send('with a new password');
  await member.sees('with a new password');
});
