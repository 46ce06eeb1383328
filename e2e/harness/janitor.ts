import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';

// Its input is held open by us: it ends with us, however we end, and takes
// the program along. Frozen or busy programs get ten seconds.
const script = `
program=$1 signal=$2 folder=$3; shift 3
"$program" "$@" </dev/null & running=$!
cat >/dev/null
kill -s "$signal" "$running" 2>/dev/null
for _ in $(seq 100); do kill -0 "$running" 2>/dev/null || break; sleep 0.1; done
kill -s KILL "$running" 2>/dev/null
wait "$running"
[ -z "$folder" ] || rm -rf "$folder"
`;

export interface Kept {
  program: string;
  args: readonly string[];
  /** The signal that ends the program, without the SIG. */
  signal: string;
  /** What is removed after its end; empty for nothing. */
  folder: string;
  /** Whom it runs as, where we may choose. */
  account?: Pick<SpawnOptions, 'uid' | 'gid'>;
}

/** A program that is ended with us, also when nobody is left to end it. */
export class Janitor {
  #output = '';

  private constructor(private readonly child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr]) {
      stream!.on('data', (chunk: Buffer) => { this.#output = (this.#output + chunk.toString()).slice(-4_000); });
    }
  }

  static start({ program, args, signal, folder, account }: Kept): Janitor {
    const all = ['-c', script, 'janitor', program, signal, folder, ...args];
    // A group of its own: Ctrl+C is for the tests.
    return new Janitor(spawn('sh', all, { ...account, cwd: folder || '/', detached: true, stdio: 'pipe' }));
  }

  /** Tries again and again until it succeeds; an error after a while, with what the program said. */
  async until(succeeds: () => Promise<boolean>): Promise<void> {
    for (const deadline = Date.now() + 60_000; !(await succeeds());) {
      if (Date.now() > deadline || this.child.exitCode !== null) throw new Error(`does not answer: ${this.#output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Ends the program and waits for it. */
  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.stdin!.end();
    await ended;
  }
}
