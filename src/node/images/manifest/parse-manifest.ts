import type { Descriptor, ImageManifest, IndexEntry, Platform } from '../../../pure/spec/image.ts';
import type { JsonFields } from '../../../pure/base/json-fields.ts';
import { readDocument, type SpooledFile } from '../archive/spooled-file.ts';
import { fieldsOf, parseText, requiredDigest } from './parse-json.ts';

/** An index of thousands of manifests is nobody's image. */
const MAX_MANIFESTS = 1000;

/** An image manifest, OCI's or Docker's schema 2. */
export function parseManifest(file: SpooledFile, name: string): Omit<ImageManifest, 'mediaType'> {
  return parseManifestText(readDocument(file, name), name);
}

export function parseManifestText(text: string, name: string): Omit<ImageManifest, 'mediaType'> {
  const fields = fieldsOf(parseText(text, name), name);
  checkSchema(fields);
  const config = parseDescriptor(fields.requiredObject('config'));
  return { schemaVersion: 2, config, layers: fields.objects('layers').map(parseDescriptor) };
}

/** An image index, OCI's or Docker's manifest list. */
export function parseIndex(file: SpooledFile, name: string): readonly IndexEntry[] {
  return parseIndexText(readDocument(file, name), name);
}

export function parseIndexText(text: string, name: string): readonly IndexEntry[] {
  const fields = fieldsOf(parseText(text, name), name);
  checkSchema(fields);
  const entries = fields.objects('manifests');
  if (entries.length > MAX_MANIFESTS)
    throw fields.fault('manifests', `has more than ${MAX_MANIFESTS} entries`);
  return entries.map((entry) => ({
    ...parseDescriptor(entry),
    platform: parsePlatform(entry.object('platform')),
    annotations: entry.stringMap('annotations'),
  }));
}

function checkSchema(fields: JsonFields): void {
  if (fields.requiredCount('schemaVersion') !== 2) throw fields.fault('schemaVersion', 'is not 2');
}

function parseDescriptor(fields: JsonFields): Descriptor {
  return {
    mediaType: fields.requiredString('mediaType'),
    digest: requiredDigest(fields, 'digest'),
    size: fields.requiredCount('size'),
  };
}

function parsePlatform(fields: JsonFields | undefined): Platform | undefined {
  if (fields === undefined) return undefined;
  return {
    os: fields.requiredString('os'),
    architecture: fields.requiredString('architecture'),
    variant: fields.string('variant'),
    osVersion: fields.string('os.version'),
  };
}
