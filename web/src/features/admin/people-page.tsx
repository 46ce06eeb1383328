import { useEffect, useMemo, useState } from 'preact/hooks';
import { resource } from '../../lib/resource.ts';
import { n } from '../../lib/strings.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Pill } from '../../ui/badge.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { Segmented } from '../../ui/choice.tsx';
import { EmptyState, SkeletonRows } from '../../ui/empty.tsx';
import type { Role, User } from '../../wire/protocol.ts';
import { useParley } from '../context.ts';
import { sayFailure } from '../problems.ts';
import { allUsers } from '../users.ts';
import { AddPersonDialog } from './add-person-dialog.tsx';
import { AdminHead, Filters } from './admin-head.tsx';
import type { AdminPageProps } from './admin-screen.tsx';
import { PersonInspector } from './person-inspector.tsx';

type Show = 'all' | 'admin' | 'bot' | 'disabled';

const SHOWS = [
  { value: 'all', label: 'All' },
  { value: 'admin', label: 'Admins' },
  { value: 'bot', label: 'Bots' },
  { value: 'disabled', label: 'Disabled' },
] as const;

export const ROLES: Record<Role, string> = { admin: 'Administrator', member: 'Member', bot: 'Bot' };

/** Everybody with an account. */
export function PeoplePage({ inspect }: AdminPageProps) {
  const { api } = useParley();
  const users = useMemo(() => resource(() => allUsers(api)), []);
  const [find, setFind] = useState('');
  const [show, setShow] = useState<Show>('all');
  const [adding, setAdding] = useState(false);
  const [chosen, setChosen] = useState<number | null>(null);
  const all = users.value.value ?? [];
  const person = all.find((user) => user.id === chosen);
  useEffect(() => void users.load(), []);
  useEffect(() => {
    inspect(
      person ? (
        <PersonInspector
          key={person.id}
          user={person}
          onChanged={() => void users.load()}
          onClose={() => setChosen(null)}
        />
      ) : null,
    );
  }, [person]);
  useEffect(() => () => inspect(null), []);
  const found = all.filter(
    (user) =>
      shown(user, show) &&
      `${user.name} ${user.username}`.toLocaleLowerCase().includes(find.trim().toLocaleLowerCase()),
  );
  const failed = users.failure.value;
  return (
    <div class="page scroll grow">
      <AdminHead
        title="People"
        lead={n('admin.people', all.length)}
        action={{ label: 'Add person', act: () => setAdding(true) }}
      />
      <Filters label="Find a person" find={find} onFind={setFind}>
        <Segmented label="Show" options={SHOWS} value={show} onValue={setShow} />
      </Filters>
      {failed && (
        <EmptyState
          bad
          icon="retry"
          title="People didn’t load"
          actions={<Button onClick={() => void users.load()}>Try again</Button>}
        >
          <p>{sayFailure(failed)}</p>
        </EmptyState>
      )}
      {users.status.value === 'loading' && <SkeletonRows count={5} label="Loading people" />}
      {found.length > 0 && <PeopleTable users={found} chosen={chosen} onChoose={setChosen} />}
      {found.length > 0 && <PeopleCards users={found} onChoose={setChosen} />}
      {users.status.value === 'ready' && found.length === 0 && <EmptyState icon="users" title="Nobody fits" />}
      {adding && <AddPersonDialog onClose={() => setAdding(false)} onAdded={() => void users.load()} />}
    </div>
  );
}

function shown(user: User, show: Show): boolean {
  if (show === 'disabled') return user.disabled;
  return show === 'all' || user.role === show;
}

interface PeopleProps {
  users: readonly User[];
  chosen?: number | null;
  onChoose: (id: number) => void;
}

function PeopleTable({ users, chosen, onChoose }: PeopleProps) {
  return (
    <div class="tbl card has-cards">
      <table>
        <caption class="vh">People</caption>
        <thead>
          <tr>
            <th scope="col">Person</th>
            <th scope="col">Role</th>
            <th scope="col">State</th>
          </tr>
        </thead>
        <tbody>
          {users.map((user) => (
            <tr key={user.id} class={user.id === chosen ? 'sel' : undefined} onClick={() => onChoose(user.id)}>
              <td>
                <div class="nm">
                  <Avatar id={user.id} name={user.name} />
                  <span>
                    <b dir="auto">{user.name}</b>
                    <small>@{user.username}</small>
                  </span>
                </div>
                <button
                  type="button"
                  class="cover"
                  aria-pressed={user.id === chosen}
                  aria-label={`Manage ${user.name}`}
                />
              </td>
              <td>{ROLES[user.role]}</td>
              <td>{user.disabled ? <Pill>Disabled</Pill> : 'Active'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function PeopleCards({ users, onChoose }: PeopleProps) {
  return (
    <ul class="cards" aria-label="People">
      {users.map((user) => (
        <li key={user.id} class="rc card" onClick={() => onChoose(user.id)}>
          <Avatar id={user.id} name={user.name} />
          <div>
            <b dir="auto">{user.name}</b>
            {user.disabled && <Pill>Disabled</Pill>}
            <p>
              @{user.username} · {ROLES[user.role]}
            </p>
          </div>
          <IconButton icon="dots" label={`Manage ${user.name}`} onClick={() => onChoose(user.id)} />
        </li>
      ))}
    </ul>
  );
}
