import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeBusybox } from '../engine/images.ts';

/** A tar of a root file system of busybox, with the users root and jane. */
export function busyboxTar(folder: string): string {
  const root = join(folder, 'busybox');
  makeBusybox(root);
  const file = join(folder, 'busybox.tar');
  execFileSync('tar', ['-C', root, '-cf', file, '.']);
  return file;
}

interface ArchiveWish {
  readonly folder: string;
  /** A tar. */
  readonly layer: string;
  readonly name: string;
  readonly command: readonly string[];
}

/** An OCI archive (image-layout.md) of one image of that one layer, named as containerd's import wants it. */
export function ociArchive({ folder, layer: layerTar, name, command }: ArchiveWish): string {
  const layout = join(folder, 'layout');
  const blobs = join(layout, 'blobs/sha256');
  mkdirSync(blobs, { recursive: true });
  const put = (content: Buffer, mediaType: string): object => {
    const hex = createHash('sha256').update(content).digest('hex');
    writeFileSync(join(blobs, hex), content);
    return { mediaType, digest: `sha256:${hex}`, size: content.length };
  };
  const putJson = (value: object, mediaType: string): object =>
    put(Buffer.from(JSON.stringify(value)), mediaType);
  const layer = put(readFileSync(layerTar), 'application/vnd.oci.image.layer.v1.tar');
  const config = putJson(
    {
      os: 'linux',
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      config: { Cmd: command, Env: ['PATH=/bin'] },
      rootfs: { type: 'layers', diff_ids: [(layer as { digest: string }).digest] },
    },
    'application/vnd.oci.image.config.v1+json',
  );
  const manifestType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = putJson(
    { schemaVersion: 2, mediaType: manifestType, config, layers: [layer] },
    manifestType,
  );
  const annotations = { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': name };
  writeFileSync(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(
    join(layout, 'index.json'),
    JSON.stringify({ schemaVersion: 2, manifests: [{ ...manifest, annotations }] }),
  );
  const file = join(folder, 'image.tar');
  execFileSync('tar', ['-C', layout, '-cf', file, 'oci-layout', 'index.json', 'blobs']);
  return file;
}
