import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { FakeRegistry } from '../../src/node/registry/testing/fake-registry.ts';
import { makeArchive } from './archives.ts';

export interface Blob {
  readonly digest: string;
  readonly size: number;
}

export interface RemoteBox {
  readonly registry: FakeRegistry;
  /** `host/box:1` */
  readonly name: string;
  /** Bottom first; the upper one is of a megabyte and more. */
  readonly layers: readonly Blob[];
  [Symbol.dispose](): void;
}

/** A registry of this process with the image `box:1`, busybox below and a file of noise above. */
export async function remoteBox(
  folder: string,
  note = randomBytes(1 << 20).toString('latin1'),
): Promise<RemoteBox> {
  const layout = makeArchive(folder, ['gzip', 'gzip'], { note }).replace(/^oci:/, '');
  const registry = await FakeRegistry.start();
  const read = (digest: string): Buffer => readFileSync(join(layout, 'blobs/sha256', digest.slice(7)));
  const index = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')) as {
    readonly manifests: readonly (Blob & { readonly mediaType: string })[];
  };
  const [manifest] = index.manifests;
  assert.ok(manifest);
  const bytes = read(manifest.digest);
  const { config, layers } = JSON.parse(String(bytes)) as {
    readonly config: Blob;
    readonly layers: readonly Blob[];
  };
  for (const { digest } of [config, ...layers]) registry.addBlob(read(digest));
  registry.addManifest('1', manifest.mediaType, bytes);
  return {
    registry,
    name: `${registry.host}/box:1`,
    layers,
    [Symbol.dispose]: () => registry[Symbol.dispose](),
  };
}

/** A transfer that stops in the middle. */
export interface Gate {
  /** When the first bytes are sent. */
  readonly begun: Promise<void>;
  /** Lets the rest go. */
  readonly open: () => void;
}

/** Sends the first bytes of a blob, and the rest when the gate opens. */
export function inTwo(remote: RemoteBox, blob: Blob, bytes: number): Gate {
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  remote.registry.onFirst(
    new RegExp(`/blobs/${blob.digest}$`),
    'GET',
    (_request: IncomingMessage, response: ServerResponse) => {
      const content = remote.registry.blobs.get(blob.digest) ?? Buffer.alloc(0);
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, bytes));
      begin();
      void gate.then(() => response.end(content.subarray(bytes)));
    },
  );
  return { begun, open };
}
