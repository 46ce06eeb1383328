import { expect, type Person, seats, test } from '../harness/test.ts';

const paper = (person: Person) => person.page.evaluate(() => getComputedStyle(document.body).backgroundColor);

test('the theme changes at once and stays after a reload', async ({ ada, sit }) => {
  const person = await sit();
  await person.signInAs(ada);
  await person.goto('/settings/appearance');
  await expect(person.page.getByRole('heading', { level: 1, name: 'Appearance' })).toBeVisible();
  const light = await paper(person);
  const choose = (name: string) =>
    person.page.getByRole('group', { name: 'Theme' }).getByRole('button', { name, exact: true }).click();
  await choose('Dark');
  await expect.poll(() => paper(person)).not.toBe(light);
  await person.page.reload();
  await expect(person.page.getByRole('heading', { level: 1, name: 'Appearance' })).toBeVisible();
  expect(await paper(person)).not.toBe(light);
  await choose('Light');
  await expect.poll(() => paper(person)).toBe(light);
});

test.describe('on a phone', () => {
  test.use({ seat: seats.phone });

  test('going back from a room leads to the list of rooms', async ({ ada, sit }) => {
    for (const name of ['Launch', 'Design']) await ada.createRoom(name);
    const person = await sit();
    await person.signInAs(ada);
    await person.goto('/');
    await person.roomLink('Launch').click();
    await expect(person.composer).toBeVisible();
    await person.page.goBack();
    await expect(person.roomLink('Design')).toBeVisible();
    await expect(person.composer).toHaveCount(0);
    await person.roomLink('Design').click();
    await expect(person.composer).toHaveAccessibleName('Message #design');
    await person.page.getByRole('link', { name: 'Back to rooms' }).click();
    await expect(person.roomLink('Launch')).toBeVisible();
  });
});

test.describe('320 pixels wide', () => {
  test.use({ seat: { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true } });

  test('nothing needs scrolling sideways', async ({ ada, sit }) => {
    const long = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft'.repeat(3);
    await ada.call('POST', 'rooms', { name: 'A room with quite a long name that goes on', slug: 'launch', topic: long.slice(0, 200) });
    for (const text of [long, `https://example.org/${'x'.repeat(300)}`, `\`${long}\``, '```\n' + long + '\n```', '😀'.repeat(100), `> ${long}`]) {
      await ada.post('launch', text);
    }
    const person = await sit();
    await person.signInAs(ada);
    for (const path of ['/', '/rooms', '/rooms/launch', '/settings/account', '/settings/appearance', '/settings/sessions',
      '/admin/rooms', '/admin/people', '/admin/invites', '/admin/connect']) {
      await person.goto(path);
      await expect(person.page.getByRole('heading', { level: 1 }).or(person.roomLink('A room')).first()).toBeVisible();
      if (path === '/rooms/launch') await expect(person.row('example.org')).toHaveCount(1);
      const beyond = await person.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect.soft(beyond, `pixels beyond the edge of ${path}`).toBeLessThanOrEqual(0);
    }
  });
});
