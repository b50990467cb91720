import { latin1ToBytes } from '../../base/bytes.ts';
import type { Sketch } from './archive-of.ts';
import type { Seeded } from './seeded.ts';

const SIZES = [0, 0, 1, 10, 100, 511, 512, 513, 1983, 1984, 2048, 4032, 4095, 4096, 4097, 8191, 20_000];

/** Entries of a tree as a tar extracts without a complaint: parents first, links to what is there. */
export function randomTree(random: Seeded, count: number): Sketch[] {
  const directories = [''];
  const files: string[] = [];
  const used = new Set<string>();
  const sketches: Sketch[] = [{ path: './', type: 'directory', ...meta(random) }];
  while (sketches.length < count) {
    const path = random.pick(directories) + name(random);
    if (path.length > 900 || used.has(path)) continue;
    used.add(path);
    const sketch = entry(random, { path, files });
    if (sketch.type === 'directory') directories.push(`${path}/`);
    if (sketch.type === 'file' || sketch.type === 'hardlink') files.push(path);
    sketches.push({ ...sketch, ...(sketch.type === 'hardlink' ? {} : meta(random)) });
    // A file once more, with other content: the last counts.
    if (random.chance(20) && files.length > 0)
      sketches.push({ ...file(random, random.pick(files)), ...meta(random) });
  }
  return sketches;
}

function entry(random: Seeded, known: { readonly path: string; readonly files: readonly string[] }): Sketch {
  const { path, files } = known;
  switch (random.below(12)) {
    case 0:
    case 1:
    case 2:
      return { path: `${path}/`, type: 'directory' };
    case 3:
      return { path, type: 'symlink', link: 'x/'.repeat(random.pick([1, 40, 1000, 2047])) };
    case 4:
      return files.length > 0 ? { path, type: 'hardlink', link: random.pick(files) } : file(random, path);
    case 5: {
      const device = { major: 1 + random.below(4095), minor: random.below(1 << 20) };
      return { path, type: random.pick(['character', 'block', 'fifo'] as const), device };
    }
    default:
      return file(random, path);
  }
}

function file(random: Seeded, path: string): Sketch {
  const content = new Uint8Array(random.pick(SIZES)).map(() => random.below(256));
  return { path, type: 'file', content };
}

function meta(random: Seeded): Partial<Sketch> {
  const xattrs = Array.from({ length: random.chance(6) ? 1 + random.below(4) : 0 }, () => {
    const space = random.pick(['trusted', 'security.x']);
    return [`${space}.n${random.below(9)}`, 'v'.repeat(random.below(300))];
  });
  return {
    mode: random.pick([0o755, 0o644, 0o4755, 0o1777, 0o700, 0]),
    uid: random.pick([0, 1000, 2_097_152, 4_000_000_000]),
    gid: random.pick([0, 100, 70_000]),
    seconds: random.pick([1_700_000_000, 0, -100, 4_000_000_000]) + random.below(1000),
    nanoseconds: random.chance(2) ? 0 : random.below(1e9),
    xattrs: Object.fromEntries(xattrs),
  };
}

/** Mostly short, sometimes of up to 255 bytes, of any bytes but those that end or leave a directory. */
function name(random: Seeded): string {
  const length = random.chance(8) ? 1 + random.below(255) : 1 + random.below(12);
  let text = '';
  while (text.length < length) {
    const byte = random.chance(4) ? 1 + random.below(255) : 0x21 + random.below(94);
    if (byte !== 0x2f && byte !== 0x5c) text += String.fromCharCode(byte);
  }
  return /^\.|^\s/.test(text) ? `n${text.slice(1)}` : text;
}

/** Bytes of an archive with some damage: often with the checksums right again, so that it goes unnoticed. */
export function damaged(random: Seeded, archive: Uint8Array): Uint8Array {
  const bytes = archive.slice(0, random.chance(6) ? random.below(archive.length) : archive.length);
  for (let n = 1 + random.below(4); n > 0 && bytes.length >= 512; n--) {
    const block = random.below(Math.floor(bytes.length / 512)) * 512;
    const other = random.below(Math.floor(bytes.length / 512)) * 512;
    if (random.chance(6)) bytes.copyWithin(block, other, other + 512);
    for (let k = random.below(8); k > 0; k--) {
      const at = block + random.pick([random.below(512), 100 + random.below(57), 124 + random.below(12)]);
      bytes[at] = random.chance(2) ? random.below(256) : 0x30 + random.below(10);
    }
    if (!random.chance(4)) sum(bytes.subarray(block, block + 512));
  }
  return bytes;
}

function sum(block: Uint8Array): void {
  if (block[257] !== 0x75) return;
  block.fill(0x20, 148, 156);
  let total = 0;
  for (const byte of block) total += byte;
  block.set(latin1ToBytes(`${total.toString(8).padStart(6, '0')}\0`), 148);
}
