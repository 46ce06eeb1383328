import { expect, seats, test } from '../harness/test.ts';

// The main job, from an empty data directory: it must work for everybody, on
// a desk and on a phone, by day and by night.
for (const [name, seat] of Object.entries(seats)) {
  test.describe(name, () => {
    test.use({ seat });

    test('two people set up, sign up and chat', async ({ parley, sit }) => {
      const ada = await sit();
      await ada.page.goto(await parley.setupAddress());
      await ada.page.getByLabel('Workspace name', { exact: true }).fill('Harbour Studio');
      await ada.fillAccount('ada');
      await ada.press('Create workspace');
      await ada.createRoom('Launch');
      await expect(ada.page).toHaveURL(/\/rooms\/launch$/);

      const bruno = await sit();
      await bruno.goto('/signup');
      await bruno.fillAccount('bruno');
      await bruno.press('Create account');
      await bruno.browseRooms();
      await bruno.press('Join Launch');
      await expect(bruno.composer).toBeVisible();

      await ada.send('Good morning, Bruno');
      await bruno.sees('Good morning, Bruno');
      await bruno.send('Good morning, Ada');
      await ada.sees('Good morning, Ada');

      for (const person of [ada, bruno]) {
        await person.page.reload();
        await person.sees('Good morning, Bruno');
        await person.sees('Good morning, Ada');
      }
    });
  });
}
