// Writes an image of one static executable to standard output, as an OCI archive:
//   node scripts/hello-image.mjs EXECUTABLE [NAME] > hello.tar
// The same executable gives the same bytes on every machine and under every Node; SOURCE_DATE_EPOCH sets the date.
import { createHash } from 'node:crypto';
import { readFileSync, writeSync } from 'node:fs';
import { basename } from 'node:path';

const BLOCK = 512;
/** 2026-01-01, so that lists of images show an age. */
const DEFAULT_EPOCH = 1767225600;
const ARCHITECTURES = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le' };

main(process.argv.slice(2));

function main([executable, name = 'hello:latest', ...rest]) {
  if (executable === undefined || rest.length > 0) {
    process.stderr.write(`usage: ${basename(process.argv[1])} EXECUTABLE [NAME] > ARCHIVE\n`);
    process.exit(2);
  }
  const epoch = Number(process.env.SOURCE_DATE_EPOCH ?? DEFAULT_EPOCH);
  writeAll(1, archiveOf(readFileSync(executable), name, epoch));
}

function archiveOf(program, name, epoch) {
  const layer = tar([{ name: 'hello', mode: 0o755, epoch, data: program }]);
  const config = json(configOf(layer, epoch));
  const manifest = json({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: descriptor('application/vnd.oci.image.config.v1+json', config),
    layers: [descriptor('application/vnd.oci.image.layer.v1.tar', layer)],
  });
  const annotations = { 'org.opencontainers.image.ref.name': name };
  const entry = { ...descriptor('application/vnd.oci.image.manifest.v1+json', manifest), annotations };
  const files = [
    { name: 'oci-layout', data: json({ imageLayoutVersion: '1.0.0' }) },
    { name: 'index.json', data: json({ schemaVersion: 2, manifests: [entry] }) },
    ...[manifest, config, layer].map((data) => ({ name: `blobs/sha256/${sha256(data)}`, data })),
  ];
  return tar(files.map((file) => ({ ...file, mode: 0o644, epoch })));
}

function configOf(layer, epoch) {
  const created = new Date(epoch * 1000).toISOString().replace('.000Z', 'Z');
  return {
    created,
    architecture: ARCHITECTURES[process.arch] ?? process.arch,
    os: 'linux',
    config: { Entrypoint: ['/hello'], WorkingDir: '/' },
    rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(layer)}`] },
    history: [{ created, created_by: 'corten: hello' }],
  };
}

function descriptor(mediaType, data) {
  return { mediaType, digest: `sha256:${sha256(data)}`, size: data.length };
}

function json(value) {
  return Buffer.from(JSON.stringify(value));
}

function sha256(data) {
  return createHash('sha256').update(data).digest('hex');
}

/** Regular files of uid 0 as a POSIX ustar archive. */
function tar(files) {
  const parts = files.flatMap(({ data, ...file }) => [
    header({ ...file, size: data.length }),
    data,
    Buffer.alloc(-data.length & (BLOCK - 1)),
  ]);
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

function header({ name, mode, size, epoch }) {
  const block = Buffer.alloc(BLOCK);
  const octal = (value, at, length) => block.write(value.toString(8).padStart(length - 1, '0'), at, 'latin1');
  block.write(name, 0, 100, 'latin1');
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(epoch, 136, 12);
  block.write('        0', 148, 'latin1');
  block.write('ustar\0' + '00', 257, 'latin1');
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  return block;
}

function writeAll(fd, data) {
  for (let at = 0; at < data.length;) {
    try {
      at += writeSync(fd, data, at);
    } catch (error) {
      // A pipe that another process made non-blocking and that is full for now.
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}
