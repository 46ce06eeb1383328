import { Balancer } from './balancer.ts';
import { Redis, type Postgres } from './engines.ts';
import { Process } from './process.ts';

export interface ServerOptions {
  /** Where it listens; port 0 picks a free one. */
  addr?: string;
  flags?: readonly string[];
}

/** One workspace under one address: a node on SQLite, or several behind a balancer. */
export abstract class Server {
  protected constructor(readonly nodes: readonly Process[]) {}

  /** The address for browsers, without a slash at its end. */
  abstract readonly url: string;

  /** A node with a data directory of its own. */
  static async start({ addr = '127.0.0.1:0', flags = [] }: ServerOptions = {}): Promise<Server> {
    return new SingleNode([await Process.start(addr, flags)]);
  }

  /** Is waited for before a browser comes: does what a test is to find done. */
  async settle(): Promise<void> {}

  /** Ends all nodes without a warning, as a power cut would. */
  async kill(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.kill()));
  }

  /** Starts all again on the same data and the same address. */
  async startAgain(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.startAgain()));
  }

  /** Ends all nodes and removes their data. */
  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }

  /** The address of the set-up page, with the token where there is one. */
  async setupAddress(): Promise<string> {
    const [printed] = await this.nodes.at(-1)!.line(/https?:\/\/\S+\/setup\S*/);
    const { pathname, hash } = new URL(printed);
    return this.url + pathname + hash;
  }
}

class SingleNode extends Server {
  get url(): string {
    return this.nodes[0]!.url;
  }
}

/** Two equal nodes on PostgreSQL and Redis, behind a balancer. */
export class Cluster extends Server {
  private constructor(nodes: Process[], readonly redis: Redis, private readonly balancer: Balancer, private readonly host: string) {
    super(nodes);
  }

  static async startOn(postgres: Postgres, { addr = '127.0.0.1:0', flags = [] }: ServerOptions): Promise<Cluster> {
    const redis = await Redis.start();
    const shared = ['--database', await postgres.database(), '--redis', redis.url, '--trusted-proxies', '127.0.0.1'];
    const starting = ['a', 'b'].map(() => Process.start(addr, [...shared, ...flags]));
    const nodes = await Promise.all(starting);
    const host = addr.slice(0, addr.lastIndexOf(':'));
    return new Cluster(nodes, redis, await Balancer.start(host, nodes.map(({ port }) => port)), host);
  }

  get url(): string {
    return `http://${this.host === '0.0.0.0' ? 'localhost' : this.host}:${this.balancer.port}`;
  }

  override async stop(): Promise<void> {
    await this.balancer.stop();
    await super.stop();
    await this.redis.kill();
  }
}
