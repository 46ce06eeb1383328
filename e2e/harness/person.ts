import { expect, type BrowserContext, type Locator, type Page } from '@playwright/test';
import { Api } from './api.ts';

/** What the browser says of its own accord when the API refuses something. */
const refusedAnswer = /^Failed to load resource: the server responded with a status of 4\d\d/;
/** What it says while the server is away, also behind a balancer. */
const serverAway = /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_NETWORK|status of 502|WebSocket connection to .* failed/;

/** Somebody in front of a browser of their own. */
export class Person {
  /** What went wrong in the page: errors, policy violations, dialogs of scripts. */
  readonly problems: string[] = [];
  /** Set by specs that take the server away. */
  serverMayBeAway = false;

  private constructor(readonly context: BrowserContext, readonly page: Page, readonly url: string) {}

  static async sit(context: BrowserContext, url: string): Promise<Person> {
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        console.error(`policy violation: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
      });
    });
    const person = new Person(context, await context.newPage(), url);
    person.#watch();
    return person;
  }

  #watch(): void {
    this.page.on('console', (message) => {
      const text = message.text();
      if (message.type() !== 'error') return;
      const { url } = message.location();
      if (url.startsWith(`${this.url}/api/`) && refusedAnswer.test(text)) return;
      if (this.serverMayBeAway && serverAway.test(text)) return;
      this.problems.push(`console: ${text} (${url})`);
    });
    this.page.on('pageerror', (error) => this.problems.push(`uncaught: ${error.stack ?? error.message}`));
    this.page.on('dialog', (dialog) => {
      if (dialog.type() !== 'beforeunload') this.problems.push(`dialog: ${dialog.message()}`);
      void dialog.accept();
    });
  }

  /** Takes over the session of a prepared user. */
  async signInAs(api: Api): Promise<void> {
    await this.context.addCookies([{ ...api.session, url: this.url }]);
  }

  async goto(path: string): Promise<void> {
    await this.page.goto(this.url + path);
  }

  /** Opens a room and waits until one can write in it. */
  async openRoom(slug: string): Promise<void> {
    await this.goto(`/rooms/${slug}`);
    await expect(this.composer).toBeVisible();
  }

  /** Fills in the sign-in, sign-up or set-up page that is open. */
  async fillAccount(username: string): Promise<void> {
    await this.page.getByLabel('User name', { exact: true }).fill(username);
    await this.page.getByLabel('Password', { exact: true }).fill(Api.password);
  }

  /** Makes a room through the dialog of whatever page is open, and goes there. */
  async createRoom(name: string): Promise<void> {
    await this.button('New room').first().click();
    const dialog = this.page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill(name);
    await dialog.getByRole('button', { name: 'Create room', exact: true }).click();
    await expect(this.composer).toBeVisible();
  }

  /** Goes to the list of all rooms by the link of whatever page is open. */
  async browseRooms(): Promise<void> {
    await this.page.getByRole('link', { name: 'Browse rooms' }).click();
    await expect(this.page.getByRole('heading', { level: 1, name: 'All rooms' })).toBeVisible();
  }

  press(name: string): Promise<void> {
    return this.button(name).click();
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  get composer(): Locator {
    return this.page.getByRole('textbox', { name: /^Message #/ });
  }

  /** The link to a room in the sidebar. */
  roomLink(name: string): Locator {
    return this.page.getByRole('list', { name: 'Your rooms' }).getByRole('link', { name: new RegExp(`^${name}`) });
  }

  /** All rows of the open room, oldest first. */
  get rows(): Locator {
    return this.page.getByRole('list', { name: /^Messages in / }).getByRole('listitem');
  }

  /** The row with this text. */
  row(text: string): Locator {
    return this.rows.filter({ hasText: text });
  }

  async send(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.press('Send');
    await expect(this.composer).toHaveValue('');
  }

  /** Holds a finger on something until the page takes notice. */
  async longPress(what: Locator): Promise<void> {
    const box = (await what.boundingBox())!;
    const touchPoints = [{ x: box.x + box.width / 2, y: box.y + box.height / 2 }];
    const devtools = await this.context.newCDPSession(this.page);
    await devtools.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints });
    await expect(this.page.getByRole('dialog')).toBeVisible();
    await devtools.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  }

  /** Turns the wheel over the messages; negative is up. */
  async scroll(pixels: number): Promise<void> {
    await this.page.getByRole('list', { name: /^Messages in / }).hover();
    await this.page.mouse.wheel(0, pixels);
  }

  /** Exactly one row has this text. */
  async sees(text: string): Promise<void> {
    await expect(this.row(text)).toHaveCount(1);
    await expect(this.row(text)).toBeInViewport();
  }

  expectNoProblems(): void {
    expect(this.problems, 'problems in the page').toEqual([]);
  }
}
