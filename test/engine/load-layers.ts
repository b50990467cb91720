import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from './engine.ts';

/**
 * An image whose layers are what shell scripts make in an empty directory, bottom first, by umoci and the loader.
 * Scripts of the same text give the same layer. The answer: the root file system that umoci makes of it.
 */
export function loadLayers(engine: Engine, name: string, scripts: readonly string[]): string {
  const folder = join(engine.folder, `made-${name}`);
  mkdirSync(folder);
  const tars = scripts.map((script, index) => makeLayer(folder, script, index));
  const adds = tars.map((tar) => `umoci raw add-layer --image oci:${name} ${tar}`).join('\n');
  shell(
    folder,
    `umoci init --layout oci; umoci new --image oci:${name}
    ${adds}
    umoci config --image oci:${name} --config.env PATH=/bin --created 2026-01-01T00:00:00Z
    umoci unpack --image oci:${name} bundle
    skopeo copy -q oci:oci:${name} oci-archive:image.tar:${name}`,
  );
  engine.ok('load', '-q', '-i', join(folder, 'image.tar'));
  return join(folder, 'bundle/rootfs');
}

function makeLayer(folder: string, script: string, index: number): string {
  mkdirSync(join(folder, `${index}`));
  shell(
    folder,
    `(cd ${index}; ${script})
    find ${index} -newermt 2000-01-01 -exec touch -h -d 2026-01-01T00:00:00Z {} +
    tar --xattrs --xattrs-include='*' --sort=name --format=posix --pax-option=delete=atime,delete=ctime \\
      -cf ${index}.tar -C ${index} .`,
  );
  return `${index}.tar`;
}

function shell(folder: string, script: string): void {
  execFileSync('sh', ['-euc', script], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
}
