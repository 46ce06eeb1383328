import type {
  Invite,
  InviteList,
  Join,
  LoginRequest,
  MeChange,
  MemberList,
  Message,
  MessagePage,
  NewInvite,
  NewMessage,
  NewRoom,
  NewUser,
  PasswordChange,
  Problem,
  Room,
  RoomChange,
  RoomList,
  Server,
  SessionList,
  SetupRequest,
  SignupRequest,
  UserAnswer,
  UserChange,
  UserList,
} from './protocol.ts';

/** The server refused: its problem document. */
export class ApiProblem extends Error {
  constructor(readonly problem: Problem) {
    super(problem.code);
  }
}

/** No answer came: offline, server away, or cut short. */
export class NetworkProblem extends Error {}

/** Which page of a room's messages: at most one of the first three. */
export interface PageQuery {
  before?: number;
  after?: number;
  around?: number;
  limit?: number;
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export type Api = ReturnType<typeof createApi>;

/**
 * One function per call of the HTTP API. They reject with ApiProblem or
 * NetworkProblem and nothing else. `room` is an id or a slug.
 */
export function createApi(fetch: Fetch) {
  const get = <T>(path: string) => request<T>(fetch, 'GET', path);
  const post = <T>(path: string, body: unknown = {}) => request<T>(fetch, 'POST', path, body);
  const patch = <T>(path: string, body: unknown) => request<T>(fetch, 'PATCH', path, body);
  const put = <T>(path: string, body?: unknown) => request<T>(fetch, 'PUT', path, body);
  const remove = (path: string) => request<void>(fetch, 'DELETE', path);
  const inRoom = (room: number | string) => `/rooms/${encodeURIComponent(room)}`;
  const reaction = (room: number, seq: number, emoji: string) =>
    `${inRoom(room)}/messages/${seq}/reactions/${encodeURIComponent(emoji)}`;
  return {
    server: () => get<Server>('/server'),
    setUp: (form: SetupRequest) => post<UserAnswer>('/setup', form),
    signUp: (form: SignupRequest) => post<UserAnswer>('/signup', form),
    logIn: (form: LoginRequest) => post<UserAnswer>('/login', form),
    logOut: () => post<void>('/logout'),
    me: () => get<UserAnswer>('/me'),
    changeMe: (change: MeChange) => patch<UserAnswer>('/me', change),
    changePassword: (change: PasswordChange) => put<void>('/me/password', change),
    sessions: () => get<SessionList>('/me/sessions'),
    endSession: (id: number) => remove(`/me/sessions/${id}`),
    users: (cursor?: string) => get<UserList>(`/users${query({ cursor })}`),
    createUser: (form: NewUser) => post<UserAnswer>('/users', form),
    changeUser: (user: number, change: UserChange) => patch<UserAnswer>(`/users/${user}`, change),
    invites: () => get<InviteList>('/invites'),
    createInvite: (form: NewInvite) => post<Invite>('/invites', form),
    revokeInvite: (id: number) => remove(`/invites/${id}`),
    /** Who invites to what: for whoever has the code, signed in or not. */
    invitation: (code: string) => get<Join>(`/join/${encodeURIComponent(code)}`),
    rooms: () => get<RoomList>('/rooms'),
    /** The same with the number of people in each. */
    roomsCounted: () => get<RoomList>('/rooms?counts=1'),
    room: (room: number | string) => get<Room>(inRoom(room)),
    createRoom: (form: NewRoom) => post<Room>('/rooms', form),
    changeRoom: (room: number, change: RoomChange) => patch<Room>(inRoom(room), change),
    removeRoom: (room: number) => remove(inRoom(room)),
    archiveRoom: (room: number) => post<Room>(`${inRoom(room)}/archive`),
    restoreRoom: (room: number) => post<Room>(`${inRoom(room)}/restore`),
    members: (room: number, cursor?: string) => get<MemberList>(`${inRoom(room)}/members${query({ cursor })}`),
    join: (room: number) => put<Room>(`${inRoom(room)}/members/me`),
    leave: (room: number) => remove(`${inRoom(room)}/members/me`),
    addMember: (room: number, user: number) => put<Room>(`${inRoom(room)}/members/${user}`),
    removeMember: (room: number, user: number) => remove(`${inRoom(room)}/members/${user}`),
    messages: (room: number | string, page: PageQuery = {}) =>
      get<MessagePage>(`${inRoom(room)}/messages${query(page)}`),
    postMessage: (room: number, form: NewMessage) => post<Message>(`${inRoom(room)}/messages`, form),
    editMessage: (room: number, seq: number, text: string) =>
      patch<Message>(`${inRoom(room)}/messages/${seq}`, { text }),
    removeMessage: (room: number, seq: number) => remove(`${inRoom(room)}/messages/${seq}`),
    react: (room: number, seq: number, emoji: string) => put<void>(reaction(room, seq, emoji)),
    unreact: (room: number, seq: number, emoji: string) => remove(reaction(room, seq, emoji)),
    markRead: (room: number, seq: number) => put<void>(`${inRoom(room)}/read`, { seq }),
  };
}

/** `network`: no answer came. `problem`: the server refused. */
export type Failure = { kind: 'network' } | { kind: 'problem'; problem: Problem };

/** What went wrong, as the screens want to hear it. Rethrows what is neither. */
export function failure(err: unknown): Failure {
  if (err instanceof ApiProblem) return { kind: 'problem', problem: err.problem };
  if (err instanceof NetworkProblem) return { kind: 'network' };
  throw err;
}

function query(fields: object): string {
  const set = Object.entries(fields).filter(([, value]) => value !== undefined);
  return set.length === 0 ? '' : '?' + new URLSearchParams(set.map(([name, value]) => [name, String(value)]));
}

async function request<T>(fetch: Fetch, method: string, path: string, body?: unknown): Promise<T> {
  const init: RequestInit = { method, headers: { Accept: 'application/json' } };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { ...init.headers, 'Content-Type': 'application/json' };
  }
  // What changes something finishes even if the page goes away meanwhile.
  if (method !== 'GET') init.keepalive = true;
  let answer: Response;
  let text: string;
  try {
    answer = await fetch('/api/v1' + path, init);
    text = await answer.text();
  } catch {
    throw new NetworkProblem(path);
  }
  if (!answer.ok) throw new ApiProblem(readProblem(answer, text));
  return (text === '' ? undefined : parse(text, path)) as T;
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A proxy's page in place of the server's answer.
    throw new NetworkProblem(path);
  }
}

// A gateway in between answers errors of its own, without a problem document.
function readProblem(answer: Response, text: string): Problem {
  if (answer.headers.get('Content-Type')?.startsWith('application/problem+json')) {
    try {
      return JSON.parse(text) as Problem;
    } catch {
      // Cut short: fall through to the status.
    }
  }
  return { type: 'about:blank', title: answer.statusText, status: answer.status, code: `http_${answer.status}` };
}
