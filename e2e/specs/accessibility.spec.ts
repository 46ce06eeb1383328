import { expectAccessible } from '../harness/axe.ts';
import { Api, expect, seats, test } from '../harness/test.ts';

for (const [name, seat] of Object.entries(seats)) {
  test.describe(name, () => {
    test.use({ seat });

    test('the pages before signing in have no violation', async ({ parley, sit }) => {
      const visitor = await sit();
      await visitor.page.goto(await parley.setupAddress());
      await expect(visitor.button('Create workspace')).toBeVisible();
      await expectAccessible(visitor, 'set-up');
      await Api.setUp(parley.url, 'ada');
      for (const [path, button] of [['/login', 'Sign in'], ['/signup', 'Create account']] as const) {
        await visitor.goto(path);
        await expect(visitor.button(button)).toBeVisible();
        await expectAccessible(visitor, path);
      }
    });

    test('the pages behind the sign-in have no violation', async ({ ada, sit }) => {
      const reader = await sit();
      await reader.signInAs(ada);
      await reader.goto('/rooms');
      await expect(reader.button('New room').first()).toBeVisible();
      await expectAccessible(reader, 'no room yet');

      await ada.createRoom('Launch');
      await ada.call('POST', 'rooms', { name: 'Design', topic: 'What it looks like', private: true });
      for (const text of ['Good morning', 'It is *almost* done', '> quoted\n\nanswered', '```\ncode\n```']) {
        const { seq } = await ada.post('launch', text);
        await ada.call('PUT', `rooms/launch/messages/${seq}/reactions/${encodeURIComponent('👍')}`);
      }
      await reader.goto('/rooms');
      await expect(reader.page.getByRole('main').getByRole('link', { name: 'Design' })).toBeVisible();
      await expectAccessible(reader, 'list of rooms');

      await reader.openRoom('launch');
      await reader.sees('Good morning');
      await expectAccessible(reader, 'room');

      for (const path of ['/admin/people', '/admin/rooms', '/admin/invites', '/settings/account', '/settings/appearance', '/settings/sessions']) {
        await reader.goto(path);
        await expect(reader.page.getByRole('heading', { level: 1 })).toBeVisible();
        await expectAccessible(reader, path);
      }
    });
  });
}
