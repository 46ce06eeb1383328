import { execFile } from 'node:child_process';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort, type Postgres } from './engines.ts';
import { Process, program } from './process.ts';
import { Server, type ServerOptions } from './server.ts';

const run = promisify(execFile);

/** Where a workspace is served from, once it went through `parley copy`. */
export type Copied = 'to-postgres' | 'there-and-back';

/**
 * One node that begins on SQLite. Before the first browser is there, what a
 * test has prepared goes through `parley copy`: to PostgreSQL, where it is
 * served from then on, or there and back into a new folder.
 */
export class CopiedNode extends Server {
  #copied: Promise<void> | undefined;

  private constructor(private readonly node: Process, private readonly postgres: Postgres, private readonly where: Copied) {
    super([node]);
  }

  static async startOn(postgres: Postgres, where: Copied, { addr = '127.0.0.1:0', flags = [] }: ServerOptions): Promise<CopiedNode> {
    const port = await freePort(); // nobody may take it while the node is copied
    return new CopiedNode(await Process.start(addr.replace(/:0$/, `:${port}`), flags), postgres, where);
  }

  get url(): string {
    return this.node.url;
  }

  override async setupAddress(): Promise<string> {
    await this.settle(); // a node that starts again has another token
    return super.setupAddress();
  }

  override settle(): Promise<void> {
    return this.#copied ??= this.copy();
  }

  /** Ends the node, copies what it has, and starts it on the copy. */
  copy(): Promise<void> {
    return this.node.move(async (data) => {
      const database = await this.postgres.database();
      await copy(`sqlite:${data}`, database);
      if (this.where === 'to-postgres') return ['--database', database];
      const back = await mkdtemp(`${data}-back-`);
      await copy(database, `sqlite:${back}`);
      await rm(data, { recursive: true });
      await rename(back, data);
      return [];
    });
  }
}

async function copy(from: string, to: string): Promise<void> {
  const { stdout } = await run(program, ['copy', '--from', from, '--to', to]);
  if (!stdout.includes('The copy is complete')) throw new Error(`${path.basename(program)} copy said:\n${stdout}`);
}
