import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outcomeOf } from '../engine/engine.ts';

/** A daemon of nothing but one container, so that docker's command line can be asked what it makes of a template. */
export class OneContainer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'corten-format-'));
  readonly #socket = join(this.#folder, 'socket');
  readonly #docker: string;
  readonly #server;

  constructor(document: object, docker = '/usr/bin/docker') {
    this.#docker = docker;
    this.#server = createServer((request, response) => {
      response.setHeader('Api-Version', '1.41');
      response.setHeader('Content-Type', 'application/json');
      if (request.url?.endsWith('/json') !== true) return response.end('OK');
      return response.end(JSON.stringify(document));
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.#socket, resolve));
  }

  /** What `docker container inspect --format` prints, without its newline; undefined where it refuses. */
  async format(template: string): Promise<string | undefined> {
    const args = ['--host', `unix://${this.#socket}`, 'container', 'inspect', '--format', template, 'x'];
    const child = spawn(this.#docker, args, { env: { HOME: this.#folder } });
    const { code, text } = await outcomeOf(child);
    return code === 0 ? text.slice(0, -1) : undefined;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
    rmSync(this.#folder, { recursive: true });
  }
}
