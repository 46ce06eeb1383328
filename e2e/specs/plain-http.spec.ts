import { networkInterfaces } from 'node:os';
import { expect, test } from '../harness/test.ts';

// An office without certificates: plain HTTP on an address that browsers do
// not take for a secure context.
const address = Object.values(networkInterfaces()).flat()
  .find((entry) => entry && entry.family === 'IPv4' && !entry.internal)?.address;

test.use({ serverOptions: { addr: '0.0.0.0:0' } });

test('set-up and chat work without a secure context', async ({ parley, sit }) => {
  test.skip(!address, 'this machine has only a loopback address');
  const setup = new URL(await parley.setupAddress());
  const url = `http://${address}:${setup.port}`;
  const ada = await sit(url);
  await ada.page.goto(url + setup.pathname + setup.hash);
  expect(await ada.page.evaluate(() => isSecureContext)).toBe(false);
  expect(setup.hash).toMatch(/^#token=./);

  await ada.page.getByLabel('Workspace name', { exact: true }).fill('Harbour Studio');
  await ada.fillAccount('ada');
  await ada.press('Create workspace');
  await ada.createRoom('Launch');
  await ada.send('on the plain network');
  await ada.page.reload();
  await ada.sees('on the plain network');
});
