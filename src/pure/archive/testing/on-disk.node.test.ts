import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  type BigIntStats,
  closeSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { ImageFile } from '../image-file.ts';
import { LayerConverter, type LayerConverterOptions } from '../layer-converter.ts';

/** A directory that goes with its variable. */
export class Scratch {
  readonly path = mkdtempSync(join(tmpdir(), 'corten-archive-'));

  file(name: string): string {
    return join(this.path, name);
  }

  /** A shell script in the directory; its standard output. */
  sh(script: string): string {
    return execFileSync('sh', ['-euc', script], {
      cwd: this.path,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** An image in a file. */
export class DiskImage implements ImageFile {
  readonly #descriptor: number;

  constructor(path: string, flags = 'w+') {
    this.#descriptor = openSync(path, flags);
  }

  pwrite(bytes: Uint8Array, position: number): void {
    for (let at = 0; at < bytes.length;) {
      at += writeSync(this.#descriptor, bytes, at, bytes.length - at, position + at);
    }
  }

  pread(bytes: Uint8Array, position: number): number {
    let filled = 0;
    for (let read = -1; read !== 0 && filled < bytes.length; filled += read) {
      read = readSync(this.#descriptor, bytes, filled, bytes.length - filled, position + filled);
    }
    return filled;
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
  }
}

/** Converts bytes into an image file that fsck.erofs has found sound. */
export function convertTo(path: string, archive: Uint8Array, options: LayerConverterOptions = {}): void {
  using image = new DiskImage(path);
  const converter = new LayerConverter(image, options);
  // Pieces that meet no border, as a stream brings them.
  for (let at = 0; at < archive.length; at += 100_003) converter.push(archive.subarray(at, at + 100_003));
  converter.finish();
  execFileSync('fsck.erofs', [path], { stdio: 'pipe' });
}

/**
 * Runs a script in a mount namespace of its own and then a body, which sees the namespace below the path that it
 * gets. The namespace ends with the body, or with this process.
 */
export async function withMounts(script: string, body: (root: string) => void): Promise<void> {
  const args = ['-m', '--propagation', 'private', 'sh', '-euc', `${script}\necho ready\nexec cat`];
  const holder = spawn('unshare', args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = new Promise((resolve) => {
    holder.once('exit', resolve);
  });
  let errors = '';
  holder.stderr.on('data', (text) => {
    errors += text;
  });
  try {
    await isReady(holder.stdout);
    body(`/proc/${holder.pid}/root`);
  } catch (error) {
    throw errors === '' ? error : new Error(`In the namespace: ${errors}`, { cause: error });
  } finally {
    holder.stdin.end();
    await ended;
  }
}

async function isReady(output: Readable): Promise<void> {
  for await (const text of output.iterator({ destroyOnReturn: false })) {
    if (String(text).includes('ready')) return;
  }
  throw new Error('The script failed');
}

/** What a tree holds: each path with everything that a program can see of it. */
export function describeTree(root: string): Map<string, string> {
  const xattrs = xattrsOf(root);
  const first = new Map<bigint, string>();
  const tree = new Map<string, string>();
  const visit = (path: Buffer, relative: string): void => {
    const stat = lstatSync(path, { bigint: true });
    const { mode, uid, gid, mtimeNs, nlink, ino } = stat;
    const directory = stat.isDirectory();
    const same = directory || nlink === 1n ? '' : (first.get(ino) ?? first.set(ino, relative).get(ino));
    const fields = [mode.toString(8), uid, gid, mtimeNs, directory ? '' : nlink, same, contentOf(path, stat)];
    tree.set(relative, `${fields.join(' ')} ${xattrs.get(relative) ?? ''}`.trimEnd());
    if (!directory) return;
    for (const name of readdirSync(path, { encoding: 'buffer' }).toSorted(Buffer.compare)) {
      visit(Buffer.concat([path, Buffer.from('/'), name]), `${relative}/${name.toString('latin1')}`);
    }
  };
  visit(Buffer.from(root), '');
  return tree;
}

function contentOf(path: Buffer, stat: BigIntStats): string {
  if (stat.isFile()) return `${stat.size} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`;
  if (stat.isSymbolicLink()) return readlinkSync(path, { encoding: 'buffer' }).toString('latin1');
  if (stat.isDirectory()) return '';
  return `device ${stat.rdev}`;
}

/** By path below the root. getfattr writes some bytes as octal numbers, and what it prints of a file ends with an empty line. */
function xattrsOf(root: string): Map<string, string> {
  const args = ['-R', '-P', '-h', '-d', '-m', '-', '-e', 'hex', '--absolute-names', `${root}/.`];
  const text = execFileSync('getfattr', args, {
    encoding: 'latin1',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const found = new Map<string, string>();
  for (const part of text.split('\n\n')) {
    const [head = '', ...lines] = part.trim().split('\n');
    const path = head
      .slice('# file: '.length)
      .replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(parseInt(code, 8)));
    if (lines.length > 0) found.set(path.slice(root.length + 2), lines.toSorted().join(' '));
  }
  return found;
}
