import { createReadStream, existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { digestHex, toDigest, type Digest } from '../../pure/base/digest.ts';
import { formatJson } from '../../pure/base/json.ts';
import type { PullArtifactRequest, PushArtifactRequest } from '../../pure/config/artifact-request.ts';
import { MEDIA_TYPE_EMPTY, MEDIA_TYPE_MANIFEST, type Descriptor } from '../../pure/spec/image.ts';
import { parseReference } from '../../pure/store/reference.ts';
import type { RemoteManifest } from '../registry/get-manifest.ts';
import { putManifest } from '../registry/put-manifest.ts';
import { addReferrer } from '../registry/referrers.ts';
import { Registry } from '../registry/registry.ts';
import { uploadBlob } from '../registry/upload-blob.ts';
import { DigestStream, digestOfText } from './archive/digest-stream.ts';
import { imagesError } from './errors.ts';
import { fieldsOf, parseText } from './manifest/parse-json.ts';
import { typeOfManifest } from './pull/manifest-type.ts';
import { FolderOutput } from './save/folder-output.ts';

/** image-spec annotations.md; oras and others name files by it. */
const TITLE = 'org.opencontainers.image.title';
const EMPTY = '{}';
const READ_SIZE = 256 << 10;

interface Session {
  readonly signal: AbortSignal;
}

/** Puts files into a registry as an artifact (image-spec manifest.md, "Guidelines for Artifact Usage"). Its digest. */
export async function pushArtifact(request: PushArtifactRequest & Session): Promise<Digest> {
  const reference = parseReference(request.reference);
  using registry = new Registry({ ...request, repository: reference.path });
  const subject = request.subject === undefined ? undefined : await registry.getManifest(request.subject);
  const layers: (Descriptor & { readonly annotations: object })[] = [];
  for (const { path, title, mediaType } of request.files) {
    const { digest, size } = await pushFile(registry, path);
    layers.push({ mediaType, digest, size, annotations: { [TITLE]: title } });
  }
  const config = {
    mediaType: MEDIA_TYPE_EMPTY,
    digest: digestOfText(EMPTY),
    size: EMPTY.length,
    data: 'e30=',
  };
  await uploadBlob(registry.own, { ...config, sources: [], read: () => Readable.from([Buffer.from(EMPTY)]) });
  const text = formatJson({
    schemaVersion: 2,
    mediaType: MEDIA_TYPE_MANIFEST,
    artifactType: request.artifactType,
    config,
    layers,
    ...(subject === undefined ? {} : { subject: descriptorOf(subject) }),
    ...(Object.keys(request.annotations).length === 0 ? {} : { annotations: request.annotations }),
  });
  return await putArtifact(registry, request, { text, subject });
}

async function putArtifact(
  registry: Registry,
  { reference, hasTag, artifactType, annotations }: PushArtifactRequest,
  { text, subject }: { readonly text: string; readonly subject: RemoteManifest | undefined },
): Promise<Digest> {
  const bytes = new TextEncoder().encode(text);
  const digest = digestOfText(text);
  const name = hasTag ? (parseReference(reference).tag ?? digest) : digest;
  const { knowsSubject } = await putManifest(registry.own, {
    name,
    mediaType: MEDIA_TYPE_MANIFEST,
    digest,
    bytes,
  });
  if (subject === undefined || knowsSubject) return digest;
  // A registry that keeps no list of referrers has it under a tag (distribution-spec, "Referrers Tag Schema").
  const entry = { mediaType: MEDIA_TYPE_MANIFEST, digest, size: bytes.length, artifactType, annotations };
  await addReferrer(registry.own, subject.digest, entry);
  return digest;
}

function descriptorOf(manifest: RemoteManifest): Descriptor {
  return { mediaType: typeOfManifest(manifest), digest: manifest.digest, size: manifest.bytes.length };
}

async function pushFile(
  registry: Registry,
  path: string,
): Promise<{ readonly digest: Digest; readonly size: number }> {
  const { size } = await stat(path);
  const sum = new DigestStream();
  for await (const chunk of createReadStream(path, { highWaterMark: READ_SIZE }))
    sum.update(chunk as Uint8Array);
  const digest = sum.digest();
  const read = (start: number, end: number): Readable =>
    start === end
      ? Readable.from([])
      : createReadStream(path, { start, end: end - 1, highWaterMark: READ_SIZE });
  await uploadBlob(registry.own, { digest, size, sources: [], read });
  return { digest, size };
}

/** Brings the files of an artifact into a directory, by the names that it gives them. Their names. */
export async function pullArtifact(request: PullArtifactRequest & Session): Promise<readonly string[]> {
  const reference = parseReference(request.reference);
  using registry = new Registry({ ...request, repository: reference.path });
  const { tag = 'latest', digest } = reference;
  const manifest = await registry.getManifest(digest === undefined ? { tag } : { digest });
  const name = `The manifest ${manifest.digest}`;
  const layers = fieldsOf(parseText(new TextDecoder().decode(manifest.bytes), name), name).objects('layers');
  using output = new FolderOutput(request.directory);
  request.signal.addEventListener('abort', () => output[Symbol.dispose]());
  const files = new Map<string, Descriptor>();
  for (const layer of layers) {
    const blob = toDigest(layer.requiredString('digest'));
    if (blob === undefined) throw layer.fault('digest', 'is no sha256 digest');
    const title = layer.stringMap('annotations').get(TITLE) ?? digestHex(blob);
    files.set(fileName(title), {
      mediaType: layer.requiredString('mediaType'),
      digest: blob,
      size: layer.requiredCount('size'),
    });
  }
  refuseToReplace(request, [...files.keys()]);
  for (const [file, { digest: blob, size }] of files) {
    await output.file(file, size, checked(registry.readBlob({ digest: blob, size, from: 0 }), blob));
  }
  output.keep();
  return [...files.keys()];
}

/** The names are a stranger's: what the user has is not for them to replace. */
function refuseToReplace({ directory, isForced }: PullArtifactRequest, names: readonly string[]): void {
  const there = isForced ? undefined : names.find((name) => existsSync(join(directory, name)));
  if (there === undefined) return;
  const text = `The file ${join(directory, there)} is there already: --force replaces it, -o names another directory`;
  throw imagesError('STORE_OUTPUT_FAILED', text);
}

/** A stranger's name for a file: one name, and none that hides or leads elsewhere. */
function fileName(title: string): string {
  if (/^[^/\0.][^/\0]*$/.test(title) && title.length <= 255) return title;
  const shown = JSON.stringify(title.slice(0, 200));
  throw imagesError('ARCHIVE_INVALID', `The artifact calls a file ${shown}, which is no plain name`);
}

async function* checked(bytes: AsyncIterable<Uint8Array>, digest: Digest): AsyncGenerator<Uint8Array> {
  const sum = new DigestStream();
  for await (const chunk of bytes) {
    sum.update(chunk);
    yield chunk;
  }
  const found = sum.digest();
  if (found === digest) return;
  throw imagesError('ARCHIVE_DIGEST_MISMATCH', `The file ${digest} has digest ${found}`);
}
