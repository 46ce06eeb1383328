import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const program = process.env['PARLEY'] ?? fileURLToPath(new URL('../../bin/parley', import.meta.url));
const startLimit = 20_000;

/** One running `parley serve` with a data directory of its own. */
export class Process {
  #child: ChildProcess | undefined;
  #output: string[] = [];
  #waiting: (() => void)[] = [];
  /** Address from the ready line, without a slash at its end. */
  url = '';

  private constructor(private readonly data: string, private readonly host: string, private flags: readonly string[]) {}

  static async start(addr: string, flags: readonly string[]): Promise<Process> {
    const host = addr.slice(0, addr.lastIndexOf(':'));
    const one = new Process(await mkdtemp(path.join(tmpdir(), 'parley-e2e-')), host, flags);
    await one.#launch(addr);
    return one;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Ends the process without a warning, as a power cut would. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Starts it again on the same data and the same port. */
  async startAgain(): Promise<void> {
    await this.#launch(`${this.host}:${this.port}`);
  }

  /** Ends it in peace, lets its folder be moved, and starts it again with further flags. */
  async move(moved: (data: string) => Promise<readonly string[]>): Promise<void> {
    await this.#end('SIGTERM');
    this.flags = [...this.flags, ...await moved(this.data)];
    await this.startAgain();
  }

  /** Ends the process and removes its data. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
    await rm(this.data, { recursive: true, force: true });
  }

  async #launch(addr: string): Promise<void> {
    this.#output = [];
    const flags = ['serve', '--addr', addr, '--data', this.data, ...this.flags];
    this.#child = spawn(program, flags, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      createInterface({ input: stream! }).on('line', (line) => this.#take(line));
    }
    this.#child.on('exit', (code) => this.#take(`(ended with ${code})`));
    const ready = await this.line(/^parley ready on (http\S+)/);
    this.url = ready[1]!.replace(/\/$/, '');
  }

  #take(line: string): void {
    this.#output.push(line);
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** The first line of output that matches, whether it is there or still to come. */
  async line(pattern: RegExp): Promise<RegExpMatchArray> {
    const until = Date.now() + startLimit;
    for (;;) {
      for (const line of this.#output) {
        const match = line.match(pattern);
        if (match) return match;
      }
      const left = until - Date.now();
      if (left <= 0 || this.#child?.exitCode !== null) {
        throw new Error(`parley serve did not print ${pattern}:\n${this.#output.join('\n')}`);
      }
      await this.#moreOutput(left);
    }
  }

  #moreOutput(limit: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, limit);
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    const hard = setTimeout(() => child.kill('SIGKILL'), 12_000);
    await ended;
    clearTimeout(hard);
  }
}
