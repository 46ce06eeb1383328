import { Api } from './api.ts';
import type { Person } from './person.ts';

/** Two people with the room "launch" open, the first an administrator. */
export async function twoInARoom(ada: Api, sit: () => Promise<Person>): Promise<[Person, Person]> {
  await ada.createRoom('Launch');
  const bruno = await Api.signUp(ada.url, 'bruno');
  await bruno.join('launch');
  const people: [Person, Person] = [await sit(), await sit()];
  await people[0].signInAs(ada);
  await people[1].signInAs(bruno);
  for (const person of people) await person.openRoom('launch');
  return people;
}
