// OCI archives of layers, each made of a tar.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The layer in both forms: its digest as tar is the diffID. */
export function gzipped(path) {
  execFileSync('sh', ['-c', `gzip -1 -n < ${path} > ${path}.gz`]);
  return {
    diffId: digestOf(path),
    path: `${path}.gz`,
    digest: digestOf(`${path}.gz`),
    size: statSync(`${path}.gz`).size,
  };
}

function digestOf(path) {
  return execFileSync('sha256sum', [path], { encoding: 'utf8' }).slice(0, 64);
}

/** An OCI archive of one layer, or of several, bottom first. */
export function imageOf(folder, { name, layer, layers = [layer], config = {} }) {
  const layout = join(folder, name);
  const blobs = join(layout, 'blobs/sha256');
  mkdirSync(blobs, { recursive: true });
  const put = (value) => {
    const data = Buffer.from(JSON.stringify(value));
    const digest = createHash('sha256').update(data).digest('hex');
    writeFileSync(join(blobs, digest), data);
    return { digest: `sha256:${digest}`, size: data.length };
  };
  for (const { path, digest } of layers) execFileSync('mv', [path, join(blobs, digest)]);
  const described = put({
    architecture: 'amd64',
    os: 'linux',
    config,
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => `sha256:${diffId}`) },
  });
  const type = 'application/vnd.oci.image';
  const manifest = put({
    schemaVersion: 2,
    mediaType: `${type}.manifest.v1+json`,
    config: { mediaType: `${type}.config.v1+json`, ...described },
    layers: layers.map(({ digest, size }) => ({
      mediaType: `${type}.layer.v1.tar+gzip`,
      digest: `sha256:${digest}`,
      size,
    })),
  });
  const annotations = { 'org.opencontainers.image.ref.name': `${name}:latest` };
  writeFileSync(
    join(layout, 'index.json'),
    JSON.stringify({
      schemaVersion: 2,
      manifests: [{ mediaType: `${type}.manifest.v1+json`, ...manifest, annotations }],
    }),
  );
  writeFileSync(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  const archive = join(folder, `${name}.oci.tar`);
  execFileSync('tar', ['-c', '-C', layout, '-f', archive, 'oci-layout', 'index.json', 'blobs']);
  rmSync(layout, { recursive: true });
  return archive;
}
