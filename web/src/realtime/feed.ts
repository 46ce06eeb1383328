// Keeps the promise of delivery: every event of a room reaches the state once
// and in order, or the room is loaded anew.
import type {
  Cursor,
  OpAnswers,
  Presence,
  Read,
  ResumedRoom,
  RoomEvent,
  ServerFrame,
  Skip,
  Typing,
} from '../wire/protocol.ts';
import { Cursors } from './cursors.ts';

/** Where the frames go. */
export interface Sink {
  /** The next event of its room. */
  event(event: RoomEvent): void;
  /** Events that cannot be given one by one: fetch the room's page and list. */
  reload(room: number): void;
  /** I am not in this room any more. */
  removed(room: number): void;
  /** My list of rooms changed. */
  rooms(): void;
  read(frame: Read): void;
  typing(frame: Typing): void;
  presence(frame: Presence): void;
  /** A hole, or a frame of an unknown room: give the socket up and resume. */
  reconnect(): void;
  /** My user id. */
  me(): number;
}

// A room with as many holes in a row is loaded anew: resuming does not heal it.
const patience = 3;

export class Feed {
  readonly cursors = new Cursors();
  readonly #sink: Sink;
  readonly #holes = new Map<number, number>();

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** What to name in the next resume. */
  resumeFrom(): Record<string, Cursor> {
    for (const [room, holes] of this.#holes) if (holes >= patience) this.forget(room);
    return this.cursors.all();
  }

  /** The list of rooms says where a room is: live events follow from there. */
  startAt(room: number, at: Cursor): void {
    this.cursors.set(room, at);
  }

  forget(room: number): void {
    this.cursors.drop(room);
    this.#holes.delete(room);
  }

  resumed({ rooms }: OpAnswers['resume']): void {
    for (const room of this.cursors.rooms()) {
      if (!(room in rooms)) this.#leave(room);
    }
    for (const [id, at] of Object.entries(rooms)) this.#resumedRoom(Number(id), at);
  }

  frame(frame: ServerFrame): void {
    switch (frame.type) {
      case 'skip':
        return this.#skip(frame);
      case 'reload':
        return this.#reload(frame.room, frame);
      case 'room.removed':
        return this.#leave(frame.room);
      case 'rooms':
        return this.#sink.rooms();
      case 'read':
      case 'typing':
      case 'presence':
        return this.#ephemeral(frame);
      case 'hello':
      case 'ping':
        return;
      default:
        // A later server may have more kinds of frame; those with a number count.
        if ('seq' in frame && 'room' in frame) this.#event(frame);
    }
  }

  #ephemeral(frame: Read | Typing | Presence): void {
    if (frame.type === 'read') this.#sink.read(frame);
    else if (frame.type === 'typing') this.#sink.typing(frame);
    else this.#sink.presence(frame);
  }

  #event(event: RoomEvent): void {
    const { room, seq, epoch } = event;
    if (event.type === 'member.joined' && event.user.id === this.#sink.me() && this.#joins(event)) {
      this.cursors.set(room, { epoch, seq });
      return this.#sink.event(event);
    }
    if (this.#next(room, seq, seq, epoch)) this.#sink.event(event);
  }

  // My own joining is the first frame of a room and says where it begins. The
  // replay of an old one is an event like any other.
  #joins(event: RoomEvent): boolean {
    const seq = this.cursors.seq(event.room);
    return seq === undefined || event.seq > seq;
  }

  #skip({ room, from, to }: Skip): void {
    this.#next(room, from, to);
  }

  #next(room: number, from: number, to: number, epoch?: string): boolean {
    const verdict = this.cursors.take(room, from, to, epoch);
    if (verdict === 'next') this.#holes.delete(room);
    if (verdict === 'hole') this.#holes.set(room, (this.#holes.get(room) ?? 0) + 1);
    if (verdict === 'hole' || verdict === 'unknown') this.#sink.reconnect();
    return verdict === 'next';
  }

  #resumedRoom(room: number, { epoch, seq, reload }: ResumedRoom): void {
    if (reload || this.cursors.seq(room) === undefined) this.#reload(room, { epoch, seq });
  }

  // What comes live continues after `at`; the state fetches a page meanwhile,
  // holds what comes, and drops of it what the page already has.
  #reload(room: number, { epoch, seq }: Cursor): void {
    this.cursors.set(room, { epoch, seq });
    this.#holes.delete(room);
    this.#sink.reload(room);
  }

  #leave(room: number): void {
    this.forget(room);
    this.#sink.removed(room);
  }
}
