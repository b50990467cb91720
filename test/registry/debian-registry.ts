import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runTool } from './run.ts';

const LOOK_AGAIN_MS = 20;

export interface RegistrySettings {
  /** Certificate and key, by path. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** A user file with bcrypt sums, by path. */
  readonly htpasswd?: string;
  /** A token server, with the certificate that signs its tokens. */
  readonly token?: { readonly realm: string; readonly certificate: string };
}

/** Debian's docker-registry on a port of its own, with its storage; all of it goes with the scope. */
export class DebianRegistry {
  readonly folder = mkdtempSync(join(tmpdir(), 'corten-registry-'));
  readonly #log = join(this.folder, 'log');
  readonly #child: ChildProcess;
  readonly #settings: RegistrySettings;
  #port = '';

  private constructor(settings: RegistrySettings) {
    this.#settings = settings;
    const file = join(this.folder, 'config.yml');
    writeFileSync(file, JSON.stringify(configOf(this.folder, settings)));
    // Into a file: of a pipe that nobody reads while a program waits the registry would fill the buffer, and wait too.
    const log = openSync(this.#log, 'w');
    this.#child = spawn('docker-registry', ['serve', file], {
      stdio: ['ignore', 'ignore', log],
      env: { PATH: process.env['PATH'], OTEL_TRACES_EXPORTER: 'none' },
    });
    closeSync(log);
  }

  static async start(settings: RegistrySettings = {}): Promise<DebianRegistry> {
    const registry = new DebianRegistry(settings);
    registry.#port = await portFrom(registry.#child, registry.#log);
    return registry;
  }

  /** With the port. */
  get host(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** Puts an image from an archive or folder there, as `oci-archive:/a.tar`. */
  async fill(source: string, name: string, ...flags: readonly string[]): Promise<void> {
    const args = ['copy', '-q', '--insecure-policy', ...this.#access('dest-'), ...flags];
    await runTool('skopeo', [...args, source, `docker://${this.host}/${name}`], { HOME: this.folder });
  }

  /** What skopeo reads of an image. */
  async inspect(name: string): Promise<{ readonly Digest: string; readonly Layers: readonly string[] }> {
    const args = ['inspect', ...this.#access(''), `docker://${this.host}/${name}`];
    const text = await runTool('skopeo', args, { HOME: this.folder });
    return JSON.parse(text) as { readonly Digest: string; readonly Layers: readonly string[] };
  }

  [Symbol.dispose](): void {
    this.#child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true });
  }

  #access(prefix: string): readonly string[] {
    const credentials = this.#settings.htpasswd === undefined ? [] : [`--${prefix}creds`, 'jane:secret'];
    return [`--${prefix}tls-verify=false`, ...credentials];
  }
}

function configOf(folder: string, { tls, htpasswd, token }: RegistrySettings): object {
  const basic = htpasswd === undefined ? {} : { htpasswd: { realm: 'test', path: htpasswd } };
  const bearer =
    token === undefined
      ? {}
      : {
          token: {
            realm: token.realm,
            service: 'registry.test',
            issuer: 'issuer.test',
            rootcertbundle: token.certificate,
          },
        };
  return {
    version: '0.1',
    log: { level: 'info', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(folder, 'data') }, delete: { enabled: true } },
    http: { addr: '127.0.0.1:0', ...(tls === undefined ? {} : { tls }) },
    auth: { ...basic, ...bearer },
  };
}

/** The port is the kernel's choice, which the registry logs. */
async function portFrom(child: ChildProcess, file: string): Promise<string> {
  for (;;) {
    const log = readFileSync(file, 'utf8');
    const port = /listening on 127\.0\.0\.1:(\d+)/.exec(log)?.[1];
    if (port !== undefined) return port;
    assert.equal(child.exitCode, null, `docker-registry ended: ${log}`);
    await sleep(LOOK_AGAIN_MS);
  }
}
