import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A proxy before a registry that cuts connections after some bytes of the client's. */
export class CuttingProxy {
  /** Connections that were cut. */
  cuts = 0;
  readonly #server: Server;
  readonly #target: string;
  readonly #sockets = new Set<Socket>();
  /** Bytes after which each next connection is cut; those after the last are left alone. */
  readonly #limits: number[];

  private constructor(target: string, limits: readonly number[]) {
    this.#target = target;
    this.#limits = [...limits];
    this.#server = createServer((client) => this.#serve(client));
  }

  static async start(target: string, limits: readonly number[]): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(target, limits);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #serve(client: Socket): void {
    const [host = '', port = ''] = this.#target.split(':');
    const upstream = connect(Number(port), host);
    for (const socket of [client, upstream]) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    let count = 0;
    client.on('data', (chunk: Buffer) => {
      count += chunk.length;
      const [limit = Infinity] = this.#limits;
      if (count <= limit) {
        if (!upstream.write(chunk)) client.pause();
        return;
      }
      this.#limits.shift();
      this.cuts++;
      client.destroy();
    });
    upstream.on('drain', () => client.resume());
    upstream.pipe(client);
  }
}
