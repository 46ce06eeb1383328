import { useState } from 'preact/hooks';
import { n } from '../../lib/strings.ts';
import { Pill } from '../../ui/badge.tsx';
import { IconButton } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import type { Room } from '../../wire/protocol.ts';
import { RoomIcon } from '../room-icon.tsx';

interface RoomTableProps {
  rooms: readonly Room[];
  /** How many people are in each room, by id; empty until known. */
  people: ReadonlyMap<number, number>;
  chosen: number | null;
  onChoose: (id: number) => void;
}

export function RoomTable({ rooms, people, chosen, onChoose }: RoomTableProps) {
  const [down, setDown] = useState(false);
  const sorted = down ? [...rooms].reverse() : rooms;
  return (
    <div class="tbl card has-cards">
      <table>
        <caption class="vh">Rooms</caption>
        <thead>
          <tr>
            <th scope="col" aria-sort={down ? 'descending' : 'ascending'}>
              <button type="button" class="th-btn" onClick={() => setDown(!down)}>
                Room
                <Icon name={down ? 'down' : 'arrup'} />
              </button>
            </th>
            <th scope="col">Type</th>
            <th scope="col" class="num">
              People
            </th>
            <th scope="col" class="lo">
              Address
            </th>
            <th scope="col" class="lo">
              You
            </th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((room) => (
            <tr key={room.id} class={room.id === chosen ? 'sel' : undefined} onClick={() => onChoose(room.id)}>
              <td>
                <div class="nm">
                  <span class="ic">
                    <RoomIcon room={room} />
                  </span>
                  <span>
                    <b dir="auto">{room.name}</b>
                    <small dir="auto">{room.topic}</small>
                  </span>
                </div>
                <button
                  type="button"
                  class="cover"
                  aria-pressed={room.id === chosen}
                  aria-label={`Manage ${room.name}`}
                />
              </td>
              <td>
                <RoomType room={room} />
              </td>
              <td class="num">{people.get(room.id)?.toLocaleString()}</td>
              <td class="lo">#{room.slug}</td>
              <td class="lo">{room.joined ? 'Member' : 'Not a member'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function RoomType({ room }: { room: Room }) {
  if (room.archived) return <Pill icon="archive">Archived</Pill>;
  return room.private ? <Pill icon="lock">Private</Pill> : <>Open</>;
}

/** The same as cards, for the phone. */
export function RoomCards({ rooms, people, onChoose }: Omit<RoomTableProps, 'chosen'>) {
  return (
    <ul class="cards" aria-label="Rooms">
      {rooms.map((room) => (
        <li key={room.id} class="rc card" onClick={() => onChoose(room.id)}>
          <span class="ic">
            <RoomIcon room={room} />
          </span>
          <div>
            <b dir="auto">{room.name}</b>
            {room.archived && <Pill>Archived</Pill>}
            {room.private && !room.archived && <Pill>Private</Pill>}
            <p dir="auto">{room.topic || `#${room.slug}`}</p>
            {people.has(room.id) && <small>{n('room.people', people.get(room.id)!)}</small>}
          </div>
          <IconButton icon="dots" label={`Manage ${room.name}`} onClick={() => onChoose(room.id)} />
        </li>
      ))}
    </ul>
  );
}
