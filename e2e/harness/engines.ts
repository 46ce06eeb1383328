import { execFile, execFileSync } from 'node:child_process';
import { chown, mkdtemp } from 'node:fs/promises';
import { accessSync, readdirSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Janitor } from './janitor.ts';

const run = promisify(execFile);

/** The folder of the newest PostgreSQL of Debian's packages; empty if there is none. */
function postgresPrograms(): string {
  const root = '/usr/lib/postgresql';
  const versions = listed(root).map(Number).filter(Boolean).sort((a, b) => b - a);
  return versions.map((version) => `${root}/${version}/bin`).find((folder) => listed(folder).includes('postgres')) ?? '';
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function redisProgram(): string {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  return folders.map((folder) => path.join(folder, 'redis-server')).find(exists) ?? '';
}

function exists(file: string): boolean {
  try {
    accessSync(file);
    return true;
  } catch {
    return false;
  }
}

/**
 * Says which of the engines is not installed; empty if all are. One that
 * PARLEY_TEST_REQUIRE names may not be missing.
 */
export function missingEngine(...needed: readonly ('postgres' | 'redis')[]): string {
  const required = (process.env['PARLEY_TEST_REQUIRE'] ?? '').split(',');
  const programs = { postgres: postgresPrograms, redis: redisProgram };
  for (const name of needed) {
    if (programs[name]()) continue;
    if (required.includes(name)) throw new Error(`PARLEY_TEST_REQUIRE names ${name}, which is not installed`);
    return `this needs ${name}, which is not installed`;
  }
  return '';
}

/** A PostgreSQL for all the workspaces of one worker, each with a database of its own. */
export class Postgres {
  #databases = 0;

  private constructor(private readonly janitor: Janitor, private readonly programs: string, private readonly port: number) {}

  static async start(): Promise<Postgres> {
    const programs = postgresPrograms();
    const folder = await mkdtemp(path.join(tmpdir(), 'parley-e2e-postgres-'));
    const account = await postgresAccount(folder);
    const data = path.join(folder, 'data');
    const layout = ['--no-sync', '--auth=trust', '--username=postgres', '--encoding=UTF8', '--locale=C.UTF-8', '-D', data];
    await run(`${programs}/initdb`, layout, { ...account, cwd: folder });
    const port = await freePort();
    const settings = ['listen_addresses=127.0.0.1', 'fsync=off', 'logging_collector=off'].flatMap((text) => ['-c', text]);
    const args = ['-D', data, '-p', String(port), '-k', folder, ...settings];
    const janitor = Janitor.start({ program: `${programs}/postgres`, args, signal: 'QUIT', folder, account });
    const postgres = new Postgres(janitor, programs, port);
    await janitor.until(() => postgres.#ask('pg_isready').then(() => true, () => false));
    await postgres.#ask('psql', '-c', 'CREATE ROLE parley LOGIN');
    return postgres;
  }

  /** The address of a new, empty database, whose owner may do nothing else. */
  async database(): Promise<string> {
    const name = `workspace_${++this.#databases}`;
    await this.#ask('createdb', '--owner', 'parley', name);
    return `postgres://parley@127.0.0.1:${this.port}/${name}?sslmode=disable`;
  }

  end(): Promise<void> {
    return this.janitor.end();
  }

  async #ask(program: string, ...args: string[]): Promise<void> {
    await run(`${this.programs}/${program}`, ['-h', '127.0.0.1', '-p', String(this.port), '-U', 'postgres', ...args]);
  }
}

/** PostgreSQL refuses to run as root: whom it runs as instead. */
async function postgresAccount(folder: string): Promise<{ uid?: number; gid?: number }> {
  if (process.getuid?.() !== 0) return {};
  const id = (what: string) => Number(execFileSync('id', [what, 'postgres']).toString());
  const account = { uid: id('-u'), gid: id('-g') };
  await chown(folder, account.uid, account.gid);
  return account;
}

/** A Redis for one workspace, which nobody else uses: it may be hurt. */
export class Redis {
  private constructor(private janitor: Janitor, private readonly port: number) {}

  static async start(): Promise<Redis> {
    const port = await freePort();
    const redis = new Redis(launch(port), port);
    await redis.janitor.until(() => answers(port));
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Ends it without a warning; all that it had is gone. */
  kill(): Promise<void> {
    return this.janitor.end();
  }

  async startAgain(): Promise<void> {
    this.janitor = launch(this.port);
    await this.janitor.until(() => answers(this.port));
  }
}

function launch(port: number): Janitor {
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  return Janitor.start({ program: redisProgram(), args, signal: 'KILL', folder: '' });
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', (reply) => { resolve(reply.toString().startsWith('+PONG')); socket.destroy(); });
    socket.once('error', () => resolve(false));
  });
}

/**
 * A port that nobody listens on, from below those that the kernel gives to
 * outgoing connections: one of these might take it before the program does.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false)).listen(port, '127.0.0.1', () => {
      server.close(() => resolve(true));
    });
  });
}
