import { expect, test } from '../harness/test.ts';

test('a first visit to a room needs at most six requests until one can write', async ({ ada, sit }) => {
  await ada.createRoom('Launch');
  await ada.post('launch', 'Good morning');
  const visitor = await sit();
  await visitor.signInAs(ada);
  await visitor.openRoom('launch');
  await visitor.sees('Good morning');
  const asked = () => visitor.page.evaluate(() => {
    const [ready] = performance.getEntriesByName('room-ready');
    if (!ready) return null;
    const parts = performance.getEntriesByType('resource').filter((entry) => entry.startTime < ready.startTime);
    const paths = parts.map((entry) => new URL(entry.name).pathname);
    return [location.pathname, ...paths.filter((path) => path !== '/favicon.svg')]; // the browser's, for its tab
  });
  await expect.poll(asked).not.toBeNull();
  const requests = (await asked())!;
  expect(requests.length, requests.join('\n')).toBeLessThanOrEqual(6);
});
