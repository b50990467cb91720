// `node bench/load.mjs [ROUNDS]`: `load` of corten against Debian's podman, of an image of the machine's own programs
// (about 300 MB, gzip), then what a layer of a million entries takes of time and memory. Each round loads into an
// empty store.
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { interleave, print } from './interleaved.mjs';
import { gzipped, imageOf } from './oci-image.mjs';
import { programs, tarOf } from './programs-tar.mjs';
import { enterPrivateMounts } from './private-mounts.mjs';

const CORTEN = new URL('../bin/corten', import.meta.url).pathname;
const PODMAN = '/usr/bin/podman';
const BLOCK = 512;
const MILLION = 1_000_000;
const ENTRIES_A_WRITE = 4096;
/** Kilobytes of the machine's own files that make the ordinary image. */
const ORDINARY_KB = 300_000;

if (enterPrivateMounts()) main();

function main() {
  const rounds = Number(process.argv[2] ?? 5);
  const folder = mkdtempSync(join(tmpdir(), 'corten-bench-load-'));
  try {
    const ordinary = imageOf(folder, {
      name: 'ordinary',
      layer: gzipped(tarOf(folder, 'programs', programs(ORDINARY_KB))),
    });
    const subjects = [
      cortenLoad(folder, ordinary),
      ...(existsSync(PODMAN) ? [podmanLoad(folder, ordinary)] : []),
    ];
    print(interleave({ subjects, rounds }), ['podman']);
    const million = imageOf(folder, { name: 'million', layer: gzipped(tarOfMillion(folder)) });
    print(
      interleave({ subjects: [cortenLoad(folder, million, `load of ${MILLION} entries`)], rounds: 1 }),
      [],
    );
  } finally {
    spawnSync('sh', ['-c', `umount ${folder}/podman/overlay 2>/dev/null; true`]);
    rmSync(folder, { recursive: true, force: true });
  }
}

function cortenLoad(folder, image, name = 'load') {
  const root = join(folder, 'corten');
  const emptied = { name: 'empty', isUncounted: true, command: ['/bin/rm', '-rf', root] };
  const command = ['/usr/bin/env', `CORTEN_ROOT=${root}`, CORTEN, 'load', '-q', '-i', image];
  return { name: 'corten', steps: [emptied, { name, command }] };
}

function podmanLoad(folder, image) {
  const base = [
    PODMAN,
    '--root',
    join(folder, 'podman'),
    '--runroot',
    join(folder, 'podman-run'),
    '--tmpdir',
    join(folder, 'podman-tmp'),
  ];
  const emptied = { name: 'empty', isUncounted: true, command: [...base, 'rmi', '-a', '-f'] };
  return {
    name: 'podman',
    steps: [emptied, { name: 'load', command: [...base, 'load', '-q', '-i', image] }],
  };
}

/** Empty files, a thousand a directory. */
function tarOfMillion(folder) {
  const path = join(folder, 'million.tar');
  const file = openSync(path, 'w');
  for (let at = 0; at < MILLION; at += ENTRIES_A_WRITE) {
    const count = Math.min(ENTRIES_A_WRITE, MILLION - at);
    writeSync(file, Buffer.concat(Array.from({ length: count }, (_, more) => entry(at + more))));
  }
  writeSync(file, Buffer.alloc(2 * BLOCK));
  closeSync(file);
  return path;
}

function entry(number) {
  const isDirectory = number % 1000 === 0;
  const directory = `directory-${Math.floor(number / 1000)}/`;
  return header(isDirectory ? directory : `${directory}file-${number}`, 0, isDirectory ? '5' : '0');
}

function header(name, size, type) {
  const block = Buffer.alloc(BLOCK);
  const octal = (value, at, length) => block.write(value.toString(8).padStart(length - 1, '0'), at, 'latin1');
  block.write(name, 0, 100, 'latin1');
  octal(0o755, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  block.write(`        ${type}`, 148, 'latin1');
  block.write('ustar\0' + '00', 257, 'latin1');
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  return block;
}
