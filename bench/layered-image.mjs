// An OCI layout of several layers, made of the machine's own files: large enough to measure a pull by.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Copies about `kilobytes` of the machine's smaller files, as images have them, into `layers` layers of the image
 * `oci:NAME` in the folder; gives what `skopeo copy` takes.
 */
export function layeredImage(folder, { name, layers, kilobytes }) {
  const names = someFiles(kilobytes);
  const each = Math.ceil(names.length / layers);
  const layout = join(folder, name);
  run('umoci', 'init', '--layout', layout);
  run('umoci', 'new', '--image', `${layout}:${name}`);
  for (let index = 0; index < layers; index++) {
    const list = join(folder, 'names');
    const tar = join(folder, 'layer.tar');
    writeFileSync(list, `${[...withParents(names.slice(index * each, (index + 1) * each))].join('\n')}\n`);
    run('sh', '-c', `tar -c -C / --no-recursion -f ${tar} -T ${list} 2>/dev/null`);
    if (index === 0) addProgram(folder, tar);
    run('umoci', 'raw', 'add-layer', '--image', `${layout}:${name}`, tar);
    run('rm', tar, list);
  }
  run('umoci', 'config', '--image', `${layout}:${name}`, '--config.cmd', '/end');
  return { source: `oci:${layout}:${name}`, files: names.length, layout, name };
}

/** The image with one more layer under another name; gives what `skopeo copy` takes. */
export function withLayer(folder, { layout, name }, other) {
  const tar = join(folder, 'layer.tar');
  writeFileSync(join(folder, 'note'), other);
  run('tar', '-c', '-C', folder, '-f', tar, 'note');
  run('umoci', 'raw', 'add-layer', '--image', `${layout}:${name}`, '--tag', other, tar);
  return `oci:${layout}:${other}`;
}

/** `/end`, a program that ends at once. */
function addProgram(folder, tar) {
  writeFileSync(join(folder, 'end.c'), 'int main(void){return 0;}');
  run('cc', '-O1', '-static', '-o', join(folder, 'end'), join(folder, 'end.c'));
  run('tar', '-r', '-C', folder, '-f', tar, 'end');
}

function run(program, ...args) {
  execFileSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** The names with all directories above them, each before what it holds, as whatever builds images writes them. */
function withParents(names) {
  const all = new Set();
  for (const name of names) {
    for (let at = name.indexOf('/'); at > 0; at = name.indexOf('/', at + 1)) all.add(name.slice(0, at));
    all.add(name);
  }
  return all;
}

function someFiles(kilobytes) {
  const find =
    'cd / && find usr/lib usr/share usr/bin -xdev \\( -type f -size -400k -o -type l -o -type d \\) -printf "%k %p\\n"';
  const lines = execFileSync('sh', ['-c', find], { encoding: 'utf8', maxBuffer: 1 << 28 }).split('\n');
  const names = [];
  let total = 0;
  for (const line of lines.slice(0, -1)) {
    const cut = line.indexOf(' ');
    total += Number(line.slice(0, cut));
    if (total > kilobytes) break;
    names.push(line.slice(cut + 1));
  }
  return names;
}
