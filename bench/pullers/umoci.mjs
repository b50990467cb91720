import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Without a daemon and without an engine: a layout, and a bundle made of it. */
export function skopeoAndUmoci(folder) {
  if (!existsSync('/usr/bin/umoci') || !existsSync('/usr/bin/skopeo')) return undefined;
  const layout = join(folder, 'skopeo');
  const nameOf = (image) => image.replace(/.*\/|:[^:]*$/g, '');
  const bundle = (image) => join(folder, `umoci-${nameOf(image)}`);
  const script = (image) =>
    `skopeo copy -q --insecure-policy --src-tls-verify=false docker://${image} oci:${layout}:${nameOf(image)} && umoci unpack --image ${layout}:${nameOf(image)} ${bundle(image)}`;
  return {
    name: 'skopeo + umoci',
    folders: [layout, ...['layered', 'single'].map((name) => join(folder, `umoci-${name}`))],
    pull: (image) => ['/bin/sh', '-c', script(image)],
    remove: (image) => [
      '/bin/sh',
      '-c',
      `rm -rf ${bundle(image)} && umoci rm --image ${layout}:${nameOf(image)} && umoci gc --layout ${layout}`,
    ],
  };
}
