import { Api, expect, type Person, test } from '../harness/test.ts';

/** Bruno in the rooms "launch" and "design", looking at the second, once for each window. */
async function brunoElsewhere(ada: Api, sit: () => Promise<Person>, windows = 1): Promise<Person[]> {
  for (const name of ['Launch', 'Design']) await ada.createRoom(name);
  const bruno = await Api.signUp(ada.url, 'bruno');
  for (const slug of ['launch', 'design']) await bruno.join(slug);
  const people: Person[] = [];
  for (let count = 0; count < windows; count++) {
    const person = await sit();
    await person.signInAs(bruno);
    await person.openRoom('design');
    people.push(person);
  }
  return people;
}

const unread = /Unread/;
const newLine = (person: Person) => person.page.getByRole('listitem', { name: 'New messages' });

test('a dot, then a badge, tell what is unread, and reading clears them in every window', async ({ ada, sit }) => {
  const [reader, other] = (await brunoElsewhere(ada, sit, 2)) as [Person, Person];
  await expect(reader.roomLink('Launch')).not.toHaveAccessibleName(unread);
  await ada.post('launch', 'Good morning');
  for (const person of [reader, other]) await expect(person.roomLink('Launch')).toHaveAccessibleName(unread);
  await ada.post('launch', 'A word, @bruno?');
  for (const person of [reader, other]) await expect(person.roomLink('Launch')).toHaveAccessibleName(/1 mention/);
  await expect(other.page).toHaveTitle(/^\(1\)/);

  await reader.roomLink('Launch').click();
  await reader.sees('A word,');
  for (const person of [reader, other]) await expect(person.roomLink('Launch')).not.toHaveAccessibleName(/mention|Unread/);
  await expect(other.page).not.toHaveTitle(/^\(/);
  await other.page.reload();
  await expect(other.roomLink('Launch')).toHaveAccessibleName('Launch');
});

test('the New line stands above what is new and stays until Esc', async ({ ada, sit }) => {
  const [reader] = (await brunoElsewhere(ada, sit)) as [Person];
  await reader.roomLink('Launch').click();
  await expect(reader.composer).toHaveAccessibleName('Message #launch');
  await reader.send('seen before');
  await reader.sees('seen before');
  await reader.roomLink('Design').click();
  await expect(reader.composer).toHaveAccessibleName('Message #design');
  await ada.post('launch', 'new one');
  await ada.post('launch', 'new two');
  await expect(reader.roomLink('Launch')).toHaveAccessibleName(unread);

  await reader.roomLink('Launch').click();
  await expect(newLine(reader)).toBeInViewport();
  await expect(reader.roomLink('Launch')).not.toHaveAccessibleName(unread);
  await ada.post('launch', 'new three');
  await reader.sees('new three');
  const order = async () => {
    const tops = [];
    for (const what of [reader.row('seen before'), newLine(reader), reader.row('new one')]) tops.push((await what.boundingBox())!.y);
    return tops;
  };
  const tops = await order();
  expect(tops).toEqual([...tops].sort((a, b) => a - b));
  await reader.page.getByRole('heading', { level: 1 }).click(); // away from the message box
  await reader.page.keyboard.press('Escape');
  await expect(newLine(reader)).toHaveCount(0);
});
