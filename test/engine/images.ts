import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { toChainId, toDiffId, toDigest, type Digest } from '../../src/pure/base/digest.ts';
import { inWriteTransaction, type Database, type SqlRow } from '../../src/pure/store/database.ts';
import { layerFile } from '../../src/pure/store/layout.ts';
import { announceFiles, putImage } from '../../src/pure/store/put-image.ts';
import { openForWriting } from '../../src/pure/store/schema.ts';

const APPLETS = readFileSync(new URL('../runtime/applets.txt', import.meta.url), 'utf8')
  .trim()
  .split(/\s+/);

/** Puts images into a store without the loader: its layers are written by Debian's mkfs.erofs. */
export class ImageMaker {
  readonly #store: string;

  constructor(store: string) {
    this.#store = store;
    mkdirSync(join(store, 'layers'), { recursive: true });
    chmodSync(store, 0o700);
  }

  /** An image of one layer for each folder, bottom first. */
  add(name: string, config: object, folders: readonly string[]): void {
    const layers = folders.map((folder) => this.#layer(folder));
    const text = JSON.stringify({
      os: 'linux',
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      created: '2026-01-01T00:00:00Z',
      config,
      rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    });
    const id = digestOf(Buffer.from(text));
    const connection = new DatabaseSync(join(this.#store, 'images.db'), {
      enableForeignKeyConstraints: false,
    });
    const db = databaseOf(connection);
    openForWriting(db);
    const blobs = [{ digest: id, size: text.length, mediaType: 'application/vnd.oci.image.config.v1+json' }];
    inWriteTransaction(db, () => announceFiles(db, { blobs, layers: layers.map(({ stored }) => stored) }));
    inWriteTransaction(db, () =>
      putImage(db, {
        manifestDigest: id,
        configDigest: id,
        config: text,
        created: '2026-01-01T00:00:00Z',
        layers,
        contents: [id],
        references: [`docker.io/library/${name}:latest`],
      }),
    );
    connection.close();
  }

  #layer(folder: string) {
    const temporary = join(this.#store, 'layers', 'making');
    execFileSync('mkfs.erofs', ['-T0', temporary, folder], { stdio: 'ignore' });
    const content = readFileSync(temporary);
    const digest = digestOf(content);
    const [diffId, chainId] = [toDiffId(digest), toChainId(digest)];
    if (diffId === undefined || chainId === undefined) throw new Error('no digest');
    const file = layerFile(diffId);
    renameSync(temporary, join(this.#store, file));
    chmodSync(join(this.#store, file), 0o400);
    return { diffId, chainId, file, size: content.length, stored: { file, size: content.length, digest } };
  }
}

function digestOf(content: Buffer): Digest {
  const digest = toDigest(`sha256:${createHash('sha256').update(content).digest('hex')}`);
  if (digest === undefined) throw new Error('no digest');
  return digest;
}

function databaseOf(connection: DatabaseSync): Database {
  return {
    query: (sql, params) => {
      const statement = connection.prepare(sql);
      statement.setReturnArrays(true);
      return statement.all(...(params as SQLInputValue[])) as unknown as readonly SqlRow[];
    },
  };
}

/** A root file system of busybox, with the users root and jane, and jane in the group wheel. */
export function makeBusybox(folder: string): void {
  for (const name of ['bin', 'etc', 'tmp', 'home/jane']) mkdirSync(join(folder, name), { recursive: true });
  chmodSync(folder, 0o755);
  chmodSync(join(folder, 'tmp'), 0o1777);
  cpSync('/bin/busybox', join(folder, 'bin/busybox'), { dereference: true });
  for (const applet of APPLETS) symlinkSync('busybox', join(folder, 'bin', applet));
  writeFileSync(
    join(folder, 'etc/passwd'),
    'root:x:0:0:root:/root:/bin/sh\njane:x:1000:1001::/home/jane:/bin/sh\n',
  );
  writeFileSync(join(folder, 'etc/group'), 'root:x:0:root\nwheel:x:10:root,jane\njane:x:1001:\n');
}

/** The image `busybox`: /bin, two users, a variable. */
export function addBusybox(store: string, config: object = {}, name = 'busybox'): void {
  const folder = mkdtempSync(join(tmpdir(), 'corten-image-'));
  try {
    makeBusybox(folder);
    new ImageMaker(store).add(name, { Cmd: ['sh'], Env: ['PATH=/bin', 'FROM_IMAGE=yes'], ...config }, [
      folder,
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
