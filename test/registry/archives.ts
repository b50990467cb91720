import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { makeBusybox } from '../engine/images.ts';

export type LayerForm = 'gzip' | 'zstd' | 'plain';

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

let made = 0;

const OCI = 'application/vnd.oci.image';
const FORMS = {
  gzip: { suffix: '+gzip', compress: (tar: Buffer) => gzipSync(tar, { level: 1 }) },
  zstd: { suffix: '+zstd', compress: (tar: Buffer) => zstdCompressSync(tar) },
  plain: { suffix: '', compress: (tar: Buffer) => tar },
} as const;

/** An OCI layout of busybox below and a file `/note` above, as skopeo names it; layers are of the forms given. */
export function makeArchive(
  folder: string,
  forms: readonly [LayerForm, LayerForm] = ['gzip', 'gzip'],
  extra: { readonly note?: string; readonly architecture?: string } = {},
): string {
  const name = String(made++);
  const layout = join(folder, `layout-${name}`);
  mkdirSync(join(layout, 'blobs/sha256'), { recursive: true });
  const [below, above] = [join(folder, `below-${name}`), join(folder, `above-${name}`)];
  makeBusybox(below);
  mkdirSync(above);
  writeFileSync(join(above, 'note'), extra.note ?? 'upper');
  const tars = [below, above].map(tarOf);
  const layers = tars.map((tar, index) => {
    const { suffix, compress } = FORMS[forms[index] ?? 'gzip'];
    return putBlob(layout, `${OCI}.layer.v1.tar${suffix}`, compress(tar));
  });
  const config = putJson(layout, `${OCI}.config.v1+json`, {
    architecture: extra.architecture ?? 'amd64',
    os: 'linux',
    config: { Cmd: ['sh'], Env: ['PATH=/bin'] },
    rootfs: { type: 'layers', diff_ids: tars.map(digestOf) },
  });
  const mediaType = `${OCI}.manifest.v1+json`;
  const manifest = putJson(layout, mediaType, { schemaVersion: 2, mediaType, config, layers });
  writeFileSync(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(layout, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [manifest] }));
  return `oci:${layout}`;
}

function tarOf(folder: string): Buffer {
  return execFileSync('tar', ['-C', folder, '--sort=name', '-cf', '-', '.'], { maxBuffer: 1 << 28 });
}

function putJson(layout: string, mediaType: string, value: object): Descriptor {
  return putBlob(layout, mediaType, Buffer.from(JSON.stringify(value)));
}

function putBlob(layout: string, mediaType: string, content: Buffer): Descriptor {
  const digest = digestOf(content);
  writeFileSync(join(layout, 'blobs/sha256', digest.slice('sha256:'.length)), content);
  return { mediaType, digest, size: content.length };
}

function digestOf(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}
