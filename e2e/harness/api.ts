/** A signed-in user of the HTTP API: prepares what a spec is not about. */
export class Api {
  private constructor(readonly url: string, private readonly cookie: string, readonly username: string) {}

  /** The password that every prepared user has. */
  static readonly password = 'a long enough password';

  /** Makes the first account, an administrator. */
  static setUp(url: string, username: string): Promise<Api> {
    return Api.#enter(url, 'setup', { username, password: Api.password, workspace: 'Harbour Studio' });
  }

  static signUp(url: string, username: string): Promise<Api> {
    return Api.#enter(url, 'signup', { username, password: Api.password });
  }

  static async #enter(url: string, call: string, body: { username: string; password: string; workspace?: string }): Promise<Api> {
    const answer = await request(url, '', 'POST', call, body);
    const cookie = answer.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ');
    return new Api(url, cookie, body.username);
  }

  /** Name and value of the sign-in cookie. */
  get session(): { name: string; value: string } {
    const [name = '', value = ''] = this.cookie.split(/=(.*)/s);
    return { name, value };
  }

  async call<T = unknown>(method: string, path: string, body?: object): Promise<T> {
    const answer = await request(this.url, this.cookie, method, path, body);
    return (answer.status === 204 ? undefined : await answer.json()) as T;
  }

  createRoom(name: string): Promise<{ id: number; slug: string }> {
    return this.call('POST', 'rooms', { name });
  }

  join(slug: string): Promise<unknown> {
    return this.call('PUT', `rooms/${slug}/members/me`);
  }

  post(slug: string, text: string): Promise<{ seq: number }> {
    return this.call('POST', `rooms/${slug}/messages`, { key: crypto.randomUUID(), text });
  }

  async messages(slug: string): Promise<{ seq: number; text: string; deleted_at?: string }[]> {
    const page = await this.call<{ messages: { seq: number; text: string; deleted_at?: string }[] }>(
      'GET', `rooms/${slug}/messages?limit=200`);
    return page.messages;
  }
}

async function request(url: string, cookie: string, method: string, path: string, body?: object): Promise<Response> {
  const answer = await fetch(`${url}/api/v1/${path}`, {
    method,
    headers: { cookie, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer;
}
