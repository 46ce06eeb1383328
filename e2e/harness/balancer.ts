import { createServer, request, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { pipeline, type Duplex } from 'node:stream';

/**
 * A load balancer in front of nodes, without sticky sessions: every request
 * and every socket goes to the next node in turn, so one page's are spread.
 * A node that refuses the connection is passed over; if all do, the answer
 * is 502, as with other reverse proxies.
 */
export class Balancer {
  readonly #server = createServer((asked, answer) => void this.#answer(asked, answer));
  readonly #open = new Set<Duplex>();
  #requests = 0;
  #sockets = 0;

  private constructor(private readonly ports: readonly number[]) {
    this.#server.on('upgrade', (asked, socket, head) => this.#upgrade(asked, socket, head, this.#inTurn(this.#sockets++)));
  }

  static async start(host: string, ports: readonly number[]): Promise<Balancer> {
    const balancer = new Balancer(ports);
    await new Promise<void>((resolve) => balancer.#server.listen(0, host, resolve));
    return balancer;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    for (const socket of this.#open) socket.destroy();
    await closed;
  }

  #inTurn(turn: number): number[] {
    return this.ports.map((_, index) => this.ports[(turn + index) % this.ports.length]!);
  }

  async #answer(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const ports = this.#inTurn(this.#requests++);
    try {
      const body = Buffer.concat(await asked.toArray()); // whole, to be sent a second time
      const response = await this.#ask(asked, body, ports);
      answer.writeHead(response.statusCode!, response.rawHeaders);
      pipeline(response, answer, () => undefined);
    } catch {
      if (answer.headersSent) answer.destroy();
      else answer.writeHead(502).end();
    }
  }

  #ask(asked: IncomingMessage, body: Buffer, [port, ...others]: number[]): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const { method, url } = asked;
      const passed = request({ host: '127.0.0.1', port, method, path: url, headers: forwarded(asked), agent: false });
      passed.once('response', resolve);
      passed.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ECONNREFUSED' && others.length) resolve(this.#ask(asked, body, others));
        else reject(error);
      });
      passed.end(body);
    });
  }

  #upgrade(asked: IncomingMessage, socket: Duplex, head: Buffer, [port, ...others]: number[]): void {
    this.#hold(socket);
    const node = connect(port!, '127.0.0.1', () => {
      this.#hold(node);
      node.off('error', refused);
      node.write(`${asked.method} ${asked.url} HTTP/1.1\r\n${lines(forwarded(asked))}\r\n`);
      node.write(head);
      pipeline(node, socket, () => socket.destroy());
      pipeline(socket, node, () => node.destroy());
    });
    const refused = () => {
      if (others.length) this.#upgrade(asked, socket, head, others);
      else socket.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    };
    node.once('error', refused);
  }

  #hold(socket: Duplex | Socket): void {
    if (this.#open.has(socket)) return;
    this.#open.add(socket);
    socket.on('error', () => undefined); // it is gone, which its other end hears
    socket.once('close', () => this.#open.delete(socket));
  }
}

function forwarded(asked: IncomingMessage): IncomingHttpHeaders {
  return { ...asked.headers, 'x-forwarded-for': asked.socket.remoteAddress ?? '', 'x-forwarded-proto': 'http' };
}

function lines(headers: IncomingHttpHeaders): string {
  return Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}\r\n`).join('');
}
