import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import { connect } from 'node:net';
import { encodeMessage, Message, type Field } from './protobuf.ts';

const PREFIX = 5;

/** Calls of one request and one answer over a Unix socket (PROTOCOL-HTTP2.md of gRPC). */
export class GrpcClient {
  readonly #session: ClientHttp2Session;

  constructor(path: string) {
    this.#session = connectHttp2('http://localhost', { createConnection: () => connect(path) });
    // Each call that it fails says so itself.
    this.#session.on('error', () => undefined);
  }

  call(method: string, request: readonly Field[]): Promise<Message> {
    const stream = this.#session.request({
      ':method': 'POST',
      ':path': method,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const content = encodeMessage(request);
    const prefix = Buffer.alloc(PREFIX);
    prefix.writeUInt32BE(content.length, 1);
    stream.end(Buffer.concat([prefix, content]));
    const chunks: Buffer[] = [];
    let status: Readonly<Record<string, unknown>> = {};
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('response', (headers) => (status = headers));
    stream.on('trailers', (trailers) => (status = trailers));
    return new Promise((resolve, reject) => {
      stream.on('error', reject);
      stream.on('close', () => {
        if (status['grpc-status'] === '0') resolve(new Message(Buffer.concat(chunks).subarray(PREFIX)));
        else reject(new Error(`${method}: ${decodeURIComponent(String(status['grpc-message']))}`));
      });
    });
  }

  close(): void {
    this.#session.destroy();
  }
}
