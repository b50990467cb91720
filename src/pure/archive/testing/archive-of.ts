import { latin1ToBytes } from '../../base/bytes.ts';
import type { TarEntry, TarType } from '../tar-entry.ts';
import { TarWriter } from '../tar-writer.ts';

/** An entry in few words: Latin-1 texts for bytes, and defaults for all but the path. */
export interface Sketch {
  readonly path: string;
  readonly type?: TarType;
  readonly link?: string;
  readonly content?: string | Uint8Array;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly seconds?: number;
  readonly nanoseconds?: number;
  readonly device?: { readonly major: number; readonly minor: number };
  readonly xattrs?: Readonly<Record<string, string>>;
}

/** A path that ends in a slash is a directory, `a -> b` a symbolic and `a => b` a hard link; the rest are files. */
export type Words = string | Sketch;

/** The archive of these entries. */
export function archiveOf(...words: readonly Words[]): Uint8Array {
  const parts: Uint8Array[] = [];
  const writer = new TarWriter((bytes) => {
    parts.push(bytes.slice());
  });
  for (const word of words) {
    const sketch = typeof word === 'string' ? sketchOf(word) : word;
    writer.entry(entryOf(sketch));
    const content = contentOf(sketch);
    if (content.length > 0) writer.data(content);
  }
  writer.finish();
  return concat(parts);
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function entryOf(sketch: Sketch): TarEntry {
  const { path, type = path.endsWith('/') ? 'directory' : 'file' } = sketch;
  return {
    path: latin1ToBytes(path),
    type,
    link: latin1ToBytes(sketch.link ?? ''),
    size: contentOf(sketch).length,
    mode: sketch.mode ?? (type === 'directory' ? 0o755 : 0o644),
    uid: sketch.uid ?? 0,
    gid: sketch.gid ?? 0,
    mtime: { seconds: sketch.seconds ?? 1_700_000_000, nanoseconds: sketch.nanoseconds ?? 0 },
    device: sketch.device ?? { major: 0, minor: 0 },
    xattrs: new Map(Object.entries(sketch.xattrs ?? {}).map(([name, value]) => [name, latin1ToBytes(value)])),
  };
}

function sketchOf(word: string): Sketch {
  const [path = '', arrow, link = ''] = word.split(/ ([-=]>) /);
  if (arrow === undefined) return { path, content: path.endsWith('/') ? '' : path };
  return { path, link, type: arrow === '->' ? 'symlink' : 'hardlink' };
}

function contentOf({ content = '' }: Sketch): Uint8Array {
  return typeof content === 'string' ? latin1ToBytes(content) : content;
}
