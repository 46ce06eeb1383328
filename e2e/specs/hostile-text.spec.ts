import { expect, test } from '../harness/test.ts';

const hostile = [
  '<img src=x onerror=alert(1)>',
  '<script>alert(2)</script>',
  '[click](javascript:alert(3))',
  '"><svg onload=alert(4)>',
];

test('hostile text is shown as text, live and after a reload', async ({ ada, sit }) => {
  await ada.createRoom('Launch');
  const reader = await sit();
  await reader.signInAs(ada);
  await reader.openRoom('launch');
  for (const text of hostile) await ada.post('launch', text);

  const looksRight = async () => {
    for (const text of [hostile[0]!, hostile[1]!, hostile[3]!]) await reader.sees(text);
    await expect(reader.rows.locator('img, script, [onerror], [onload]')).toHaveCount(0);
    await expect(reader.rows.locator('a[href^="javascript:"]')).toHaveCount(0);
  };
  await looksRight();
  await reader.page.reload();
  await looksRight();
  // Errors, dialogs and reports of the policy are looked at when the person leaves.
});

test('a hostile name of a room is shown as text', async ({ ada, sit }) => {
  await ada.call('POST', 'rooms', { name: hostile[0], slug: 'launch', topic: hostile[1] });
  const reader = await sit();
  await reader.signInAs(ada);
  await reader.openRoom('launch');
  await expect(reader.page.getByRole('heading', { level: 1 })).toContainText(hostile[0]!);
});
