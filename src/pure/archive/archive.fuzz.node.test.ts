import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { isCortenError } from '../base/errors.ts';
import { archiveOf, concat, type Words } from './testing/archive-of.ts';
import { convert, treeOf } from './testing/converted.ts';
import { convertTo, describeTree, Scratch, withMounts } from './testing/on-disk.node.test.ts';
import { damaged, randomTree } from './testing/random-archive.ts';
import { END, pax, raw } from './testing/raw-header.ts';
import { readArchive } from './testing/read-archive.ts';
import { Seeded } from './testing/seeded.ts';

// CORTEN_FUZZ_SEED repeats a run.
const SEED = Number(process.env['CORTEN_FUZZ_SEED'] ?? randomInt(2 ** 31));
console.log(`CORTEN_FUZZ_SEED=${SEED}`);

const LIMITS = { imageBytes: 1 << 24 };

function layers(random: Seeded): Uint8Array[] {
  const words: Words[] = [
    'd/',
    'd/f',
    'l -> d',
    'l/x',
    'h => d/f',
    '.wh.gone',
    'd/.wh..wh..opq',
    'd/',
    'e/',
    '.wh.e',
    'd',
  ];
  const sparse = [
    ['GNU.sparse.major', '1'],
    ['GNU.sparse.minor', '0'],
    ['GNU.sparse.name', 'name'],
    ['GNU.sparse.realsize', '100000'],
  ] as const;
  const map = '2\n0\n5\n70000\n3\n'.padEnd(512, '\0');
  const octal = (value: number): string => `${value.toString(8).padStart(11, '0')}\0`;
  const old = { 257: 'ustar  \0', 386: octal(9) + octal(6), 483: octal(90) };
  return [
    archiveOf(...words),
    archiveOf(...randomTree(random, 40)),
    concat([
      pax(sparse),
      raw({ name: 's', content: `${map}AAAAABBB` }),
      raw({ name: 'o', flag: 'S', content: 'AAAABB', at: old }),
      END,
    ]),
    concat([
      raw({ name: 'L', flag: 'L', content: `${'p'.repeat(300)}\0` }),
      raw({ name: 'f' }),
      pax(
        [
          ['uid', '5'],
          ['SCHILY.xattr.user.g', '1'],
        ],
        'g',
      ),
      pax([
        ['mtime', '1.5'],
        ['path', 'q'],
        ['size', '3'],
      ]),
      raw({ name: 'f', content: 'abc' }),
      END,
    ]),
  ];
}

test('Damaged archives give an image that reads back or a CortenError, never anything else', async () => {
  const random = new Seeded(SEED);
  using scratch = new Scratch();
  const expected = new Map<string, string[]>();
  const sources = layers(random);
  const lower = convert(archiveOf('dir/', 'gone', 'd/', 'd/f')).image;
  let refused = 0;
  for (let n = 0; n < 4000; n++) {
    const archive = damaged(random, random.pick(sources));
    const piece = random.pick([archive.length, 512, 1000]);
    try {
      const { image } = convert(archive, {
        piece,
        limits: LIMITS,
        ...(random.chance(2) ? {} : { lowers: [lower] }),
      });
      const paths = Object.keys(treeOf(image));
      if (expected.size < 60 && random.chance(8)) {
        writeFileSync(scratch.file(`${n}.erofs`), image.bytes);
        expected.set(`${n}`, paths);
      }
    } catch (error) {
      assert.ok(isCortenError(error), `seed ${SEED}, archive ${n}: ${String(error)}`);
      refused++;
    }
  }
  assert.ok(refused > 500 && expected.size > 20, `${refused} refused, ${expected.size} kept`);
  const names = [...expected.keys()];
  const script = names.map(
    (name) => `fsck.erofs ${name}.erofs >&2; mkdir m${name}; mount -t erofs -o ro ${name}.erofs m${name}`,
  );
  await withMounts(`cd ${scratch.path}\n${script.join('\n')}`, (root) => {
    for (const [name, paths] of expected) {
      const tree = describeTree(`${root}${scratch.path}/m${name}`);
      assert.deepEqual([...tree.keys()].toSorted(), paths.toSorted(), `seed ${SEED}, archive ${name}`);
    }
  });
});

test('The reader alone gives of damaged archives entries or a CortenError, the same in any pieces', () => {
  const random = new Seeded(SEED ^ 0x5555);
  const sources = layers(random);
  const outcome = (archive: Uint8Array, piece: number): string => {
    try {
      return JSON.stringify(
        readArchive(archive, piece).map(({ path, content, entry }) => [path, content, entry.mode]),
      );
    } catch (error) {
      assert.ok(isCortenError(error), `seed ${SEED}: ${String(error)}`);
      return error.message;
    }
  };
  for (let n = 0; n < 1500; n++) {
    // Sizes of sparse files stay what they were: without a limit of its own the reader would bring all the zeros.
    const archive = damaged(random, random.pick(sources.filter((_, i) => i !== 2)));
    assert.equal(
      outcome(archive, 1 + random.below(1500)),
      outcome(archive, Math.max(1, archive.length)),
      `seed ${SEED}, archive ${n}`,
    );
  }
});

test('Random trees are mounted as tar extracts them', async () => {
  const random = new Seeded(SEED ^ 0xaaaa);
  using scratch = new Scratch();
  const script: string[] = [];
  for (let n = 0; n < 5; n++) {
    const archive = archiveOf(...randomTree(random, 50 + random.below(500)));
    writeFileSync(scratch.file(`${n}.tar`), archive);
    scratch.sh(
      `mkdir out${n} m${n}; tar --delay-directory-restore --xattrs --xattrs-include='*' --numeric-owner --same-owner -p -xf ${n}.tar -C out${n} 2>&1`,
    );
    convertTo(scratch.file(`${n}.erofs`), archive);
    script.push(`mount -t erofs -o ro ${n}.erofs m${n}`);
  }
  await withMounts(`cd ${scratch.path}\n${script.join('\n')}`, (root) => {
    for (let n = 0; n < 5; n++) {
      const expected = describeTree(scratch.file(`out${n}`));
      const image = describeTree(`${root}${scratch.path}/m${n}`);
      for (const [path, line] of expected) {
        assert.equal(image.get(path), line, `seed ${SEED}, tree ${n}: ${JSON.stringify(path)}`);
      }
      assert.equal(image.size, expected.size, `seed ${SEED}, tree ${n}`);
    }
  });
});
