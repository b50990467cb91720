import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const CORTEN = new URL('../../bin/corten', import.meta.url).pathname;

/** corten as it is without a setting. */
export function cortenPull(folder) {
  return puller(folder, 'corten', '');
}

/** Layers as they came are not kept beside what runs. */
export function cortenWithoutBlobs(folder) {
  return puller(folder, 'corten, no blobs', '[store]\nkeep_blobs = "no"\n');
}

/** The image as a directory tree, as whoever has neither EROFS nor loop devices. */
export function cortenUnpacked(folder) {
  const subject = puller(folder, 'corten, unpacked', '');
  const tree = join(folder, 'tree');
  mkdirSync(tree);
  const quoted = (command) => command.map((word) => `'${word}'`).join(' ');
  const both = (one, other) => ['/bin/sh', '-c', `${one} && ${other}`];
  return {
    ...subject,
    start: undefined,
    folders: [...subject.folders, tree],
    pull: (image) =>
      both(quoted(subject.pull(image)), quoted(subject.command('unpack', image, `${tree}/${nameOf(image)}`))),
    remove: (image) => both(quoted(subject.remove(image)), `rm -rf '${tree}/${nameOf(image)}'`),
  };
}

function nameOf(image) {
  return image.replace(/.*\/|:.*/g, '');
}

function puller(folder, name, settings) {
  const home = join(folder, name.replace(', ', '-').replace(' ', '-'));
  const file = `${home}.toml`;
  writeFileSync(file, settings, { mode: 0o600 });
  const variables = [`CORTEN_ROOT=${home}`, `CORTEN_RUN=${home}-run`, `CORTEN_CONFIG=${file}`];
  const command = (...args) => ['/usr/bin/env', ...variables, CORTEN, ...args];
  return {
    name,
    command,
    folders: [home],
    pull: (image) => command('pull', '-q', image),
    remove: (image) => command('rmi', image),
    start: (image) => command('run', '--rm', '--network', 'none', image),
  };
}
