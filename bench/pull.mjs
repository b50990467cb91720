// `bin/node bench/pull.mjs [ROUNDS] [--megabytes N] [--layers N] [--limit SECONDS] [--without NAME]... [--only NAME]...`:
// an image of the machine's own files (200 MB, seven layers) from Debian's docker-registry on loopback, by corten and by
// Debian's podman, docker, ctr, and skopeo with umoci, each into a store that is empty but for itself: pull, a
// container's first start and the next, the pull of an image that shares all layers but one, removal, the pull of the
// same files as one layer; then the disk that each takes, and the memory of all its processes together.
// A step that takes longer than the limit ends its peer's part, by name.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DebianRegistry } from '../test/registry/debian-registry.ts';
import { interleave, print } from './interleaved.mjs';
import { layeredImage, withLayer } from './layered-image.mjs';
import { peakMemory } from './memory-of.mjs';
import { enterPrivateMounts } from './private-mounts.mjs';
import { cortenPull, cortenWithoutBlobs, cortenUnpacked } from './pullers/corten.mjs';
import { ctrPull } from './pullers/ctr.mjs';
import { dockerPull } from './pullers/docker.mjs';
import { podmanPull } from './pullers/podman.mjs';
import { skopeoAndUmoci } from './pullers/umoci.mjs';

const SUBJECTS = {
  corten: cortenPull,
  'corten-no-blobs': cortenWithoutBlobs,
  'corten-unpacked': cortenUnpacked,
  podman: podmanPull,
  docker: dockerPull,
  ctr: ctrPull,
  umoci: skopeoAndUmoci,
};
const KIB = 1024;

if (enterPrivateMounts()) await main();

async function main() {
  const rounds = Number(process.argv.slice(2).find((word) => /^\d+$/.test(word)) ?? 5);
  const limit = optionOf('--limit', 120);
  const folder = mkdtempSync(join(tmpdir(), 'corten-bench-pull-'));
  using registry = await DebianRegistry.start();
  const subjects = [];
  try {
    const images = await fill(registry, folder);
    for (const make of wanted()) {
      const subject = await make(folder, images);
      if (subject !== undefined) subjects.push(subject);
    }
    const parts = subjects.map((subject) => ({ name: subject.name, steps: stepsOf(subject, images) }));
    const { rows, dropped } = interleave({ subjects: parts, rounds, limit, warmUp: 1, tell });
    for (const { subject, step } of dropped)
      console.log(`${subject} took more than ${limit} s to ${step}, and was left out`);
    print(rows, ['podman']);
    await printMemoryAndDisk(
      subjects.filter(({ name }) => !dropped.some(({ subject }) => subject === name), images),
      images,
    );
  } finally {
    for (const { stop } of subjects) await stop?.();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Where a peer hangs, the last line names it. */
function tell(subject, step, round) {
  console.error(`round ${round}: ${subject}: ${step}`);
}

function wanted() {
  const named = (option) => process.argv.filter((_, index) => process.argv[index - 1] === option);
  const [only, without] = [named('--only'), named('--without')];
  const names = Object.keys(SUBJECTS).filter((name) => !without.includes(name));
  return names.filter((name) => only.length === 0 || only.includes(name)).map((name) => SUBJECTS[name]);
}

function optionOf(name, standard) {
  const at = process.argv.indexOf(name);
  return at < 0 ? standard : Number(process.argv[at + 1]);
}

/** The image, one with another last layer, and the same files as one layer: what a client calls each. */
async function fill(registry, folder) {
  const kilobytes = optionOf('--megabytes', 200) * 1000;
  const image = layeredImage(folder, { name: 'layered', layers: optionOf('--layers', 7), kilobytes });
  console.log(`${image.files} entries`);
  const single = layeredImage(folder, { name: 'single', layers: 1, kilobytes });
  const sources = {
    layered: image.source,
    sharing: withLayer(folder, image, 'sharing'),
    single: single.source,
  };
  for (const [name, source] of Object.entries(sources)) await registry.fill(source, `${name}:latest`);
  return Object.fromEntries(Object.keys(sources).map((name) => [name, `${registry.host}/${name}:latest`]));
}

/** Written out at both ends, so that nobody pays for what another has left to write. */
function stepsOf({ pull, remove, start }, { layered, sharing, single }) {
  const step = (name, command) => (command === undefined ? [] : [{ name, command }]);
  const sync = (name) => ({ name, isUncounted: true, command: ['/bin/sync'] });
  return [
    sync('flush'),
    ...step('pull', pull(layered)),
    sync('flush'),
    ...step('first start', start?.(layered)),
    ...step('next start', start?.(layered)),
    ...step('pull of a sharing image', pull(sharing)),
    { ...step('remove the sharing image', remove(sharing))[0], isUncounted: true },
    sync('flush'),
    ...step('remove', remove(layered)),
    sync('flush'),
    ...step('pull of one layer', pull(single)),
    { ...step('remove the one layer', remove(single))[0], isUncounted: true },
  ];
}

async function printMemoryAndDisk(subjects, { layered }) {
  console.log(
    '\n| subject | peak memory of all its processes, MiB | disk after the pull, MiB |\n|---|---|---|',
  );
  for (const { name, pull, remove, folders, daemons = () => [] } of subjects) {
    const before = diskOf(folders);
    const peak = await peakMemory(pull(layered), daemons());
    spawnSync('sync');
    const disk = (diskOf(folders) - before) / KIB;
    console.log(`| ${name} | ${peak.toFixed(1)} | ${disk.toFixed(1)} |`);
    const [program, ...args] = remove(layered);
    spawnSync(program, args, { stdio: 'ignore' });
  }
}

/** KiB; what is not there takes nothing. */
function diskOf(folders) {
  const { stdout } = spawnSync('du', ['-skx', ...folders], { encoding: 'utf8' });
  return stdout
    .split('\n')
    .slice(0, -1)
    .reduce((sum, line) => sum + Number.parseInt(line, 10), 0);
}
