// Tars of the machine's own programs, without what changes while it is read.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FIND =
  'cd / && find usr/bin usr/lib usr/share -xdev \\( -type f -o -type l -o -type d \\) -printf "%k %p\\n"';

/** Names of files, links and folders below /, until they are large enough. */
export function programs(kilobytes) {
  const list = execFileSync('sh', ['-c', FIND], { encoding: 'utf8', maxBuffer: 1 << 28 });
  let total = 0;
  const names = [];
  for (const line of list.split('\n').slice(0, -1)) {
    const cut = line.indexOf(' ');
    total += Number(line.slice(0, cut));
    if (total > kilobytes) break;
    names.push(line.slice(cut + 1));
  }
  return names;
}

/** A tar of those; its path. */
export function tarOf(folder, name, names) {
  const path = join(folder, `${name}.tar`);
  const list = join(folder, `${name}.names`);
  writeFileSync(list, `${names.join('\n')}\n`);
  execFileSync('tar', ['-c', '-C', '/', '--no-recursion', '-f', path, '-T', list], {
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  return path;
}
