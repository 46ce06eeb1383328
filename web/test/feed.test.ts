import { beforeEach, describe, expect, it } from 'vitest';
import { Feed } from '../src/realtime/feed.ts';
import type { RoomEvent } from '../src/wire/protocol.ts';
import { ada, created, danaRef } from './fakes.ts';

let told: string[];
let feed: Feed;

beforeEach(() => {
  told = [];
  feed = new Feed({
    event: (event) => void told.push(`event ${event.seq}`),
    reload: (room) => void told.push(`reload ${room}`),
    removed: (room) => void told.push(`removed ${room}`),
    rooms: () => void told.push('rooms'),
    read: () => void told.push('read'),
    typing: () => void told.push('typing'),
    presence: () => void told.push('presence'),
    reconnect: () => void told.push('reconnect'),
    me: () => 1,
  });
  feed.startAt(7, { epoch: 'e1', seq: 4 });
});

const joined = (seq: number, user = danaRef): RoomEvent => ({
  type: 'member.joined', room: 7, epoch: 'e1', seq, user, by: user, at: '2026-11-19T09:00:00.000Z',
});

describe('the cursor', () => {
  it('takes the next event and only once', () => {
    for (const seq of [5, 5, 4, 6, 5]) feed.frame(created(seq));
    expect(told).toEqual(['event 5', 'event 6']);
    expect(feed.resumeFrom()).toEqual({ 7: { epoch: 'e1', seq: 6 } });
  });

  it('resumes at a hole, and does not take what comes after it', () => {
    feed.frame(created(6));
    expect(told).toEqual(['reconnect']);
    expect(feed.resumeFrom()).toEqual({ 7: { epoch: 'e1', seq: 4 } });
  });

  it('moves over a skip', () => {
    feed.frame({ type: 'skip', room: 7, from: 5, to: 9 });
    feed.frame(created(10));
    expect(told).toEqual(['event 10']);
  });

  it('takes a skip that begins with what it already has, but not one beyond a hole', () => {
    feed.frame({ type: 'skip', room: 7, from: 3, to: 6 });
    feed.frame({ type: 'skip', room: 7, from: 8, to: 9 });
    expect(told).toEqual(['reconnect']);
    expect(feed.cursors.seq(7)).toBe(6);
  });

  it('resumes at an event of another history', () => {
    feed.frame({ ...created(5), epoch: 'e2' });
    expect(told).toEqual(['reconnect']);
  });

  it('gives up a room with three holes in a row: it is loaded anew', () => {
    for (let i = 0; i < 3; i++) feed.frame(created(6));
    expect(feed.resumeFrom()).toEqual({});
    feed.resumed({ rooms: { 7: { epoch: 'e1', seq: 6, reload: true } } });
    feed.frame(created(7));
    expect(told.slice(3)).toEqual(['reload 7', 'event 7']);
  });
});

describe('resuming', () => {
  it('goes on from the cursor where the server does', () => {
    feed.resumed({ rooms: { 7: { epoch: 'e1', seq: 6 } } });
    feed.frame(created(5));
    feed.frame(created(6));
    expect(told).toEqual(['event 5', 'event 6']);
  });

  it('jumps to the head of a room that must be loaded anew', () => {
    feed.resumed({ rooms: { 7: { epoch: 'e2', seq: 90, reload: true } } });
    feed.frame({ ...created(91), epoch: 'e2' });
    expect(told).toEqual(['reload 7', 'event 91']);
  });

  it('leaves rooms that the answer leaves out', () => {
    feed.resumed({ rooms: { 8: { epoch: 'e1', seq: 2, reload: true } } });
    expect(told).toEqual(['removed 7', 'reload 8']);
  });
});

describe('membership', () => {
  it('my own joining sets the cursor of a new room', () => {
    feed.forget(7);
    feed.frame(joined(41));
    feed.frame(created(42));
    expect(told).toEqual(['event 41', 'event 42']);
  });

  it("somebody else's joining of an unknown room does not", () => {
    feed.forget(7);
    feed.frame(joined(41, ada));
    expect(told).toEqual(['reconnect']);
  });

  it('an old joining of mine that is told again changes nothing', () => {
    feed.frame(joined(3));
    feed.frame(created(5));
    expect(told).toEqual(['event 5']);
  });

  it('after room.removed the room is not named again', () => {
    feed.frame({ type: 'room.removed', room: 7 });
    expect(told).toEqual(['removed 7']);
    expect(feed.resumeFrom()).toEqual({});
  });
});
