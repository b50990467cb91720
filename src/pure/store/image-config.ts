import { toDiffId, type DiffId } from '../base/digest.ts';
import { parseJson, type Json } from '../base/json.ts';
import type { ImageConfig, ImageHealthcheck, ImageProcess } from '../spec/image.ts';
import { storeError } from './errors.ts';
import { JsonFields } from '../base/json-fields.ts';

/** overlayfs takes 500 lower layers (its OVL_MAX_STACK), of which one has the mount points; Docker takes 127. */
const MAX_LAYERS = 499;

/**
 * An image's configuration (image-spec config.md; Docker's own is of the same shape), every field that Corten
 * uses checked for its type. Unknown fields are left alone.
 */
export function parseImageConfig(text: string): ImageConfig {
  const fields = new JsonFields(parseText(text), '', fault);
  const rootfs = fields.requiredObject('rootfs');
  return {
    os: fields.requiredString('os'),
    architecture: fields.requiredString('architecture'),
    variant: fields.string('variant'),
    created: fields.string('created'),
    config: parseProcess(fields.object('config') ?? new JsonFields({}, 'config', fault)),
    diffIds: parseDiffIds(rootfs),
  };
}

function parseText(text: string): Json {
  try {
    return parseJson(text);
  } catch (error) {
    throw storeError('IMAGE_CONFIG_INVALID', 'The image configuration is not JSON', { cause: error });
  }
}

function parseProcess(fields: JsonFields): ImageProcess {
  return {
    User: fields.string('User') ?? '',
    Env: fields.strings('Env'),
    Entrypoint: fields.strings('Entrypoint'),
    Cmd: fields.strings('Cmd'),
    WorkingDir: fields.string('WorkingDir') ?? '',
    StopSignal: fields.string('StopSignal') ?? '',
    Labels: fields.stringMap('Labels'),
    ExposedPorts: fields.keys('ExposedPorts'),
    Volumes: fields.keys('Volumes'),
    Healthcheck: parseHealthcheck(fields.object('Healthcheck')),
  };
}

function parseHealthcheck(fields: JsonFields | undefined): ImageHealthcheck | undefined {
  const Test = fields?.strings('Test') ?? [];
  if (fields === undefined || Test.length === 0) return undefined;
  return {
    Test,
    Interval: fields.count('Interval'),
    Timeout: fields.count('Timeout'),
    StartPeriod: fields.count('StartPeriod'),
    StartInterval: fields.count('StartInterval'),
    Retries: fields.count('Retries'),
  };
}

function parseDiffIds(rootfs: JsonFields): readonly DiffId[] {
  if (rootfs.requiredString('type') !== 'layers') throw rootfs.fault('type', 'is not "layers"');
  const diffIds = rootfs.strings('diff_ids').map((text, index) => {
    const diffId = toDiffId(text);
    if (diffId === undefined) throw rootfs.fault(`diff_ids[${index}]`, 'is no sha256 digest');
    return diffId;
  });
  if (diffIds.length > MAX_LAYERS) throw rootfs.fault('diff_ids', `has more than ${MAX_LAYERS} layers`);
  return diffIds;
}

function fault(field: string, what: string): Error {
  const subject = field === '' ? 'The image configuration' : `Field ${field} of the image configuration`;
  return storeError('IMAGE_CONFIG_INVALID', `${subject} ${what}`);
}
