import type { Json, JsonObject } from '../../pure/base/json.ts';
import { isSysError } from '../kernel/call.ts';
import { readAll, writeExisting } from '../kernel/files.ts';
import { named, runtimeError } from './errors.ts';
import { inDocument, parseText, readDocument } from './parse/document.ts';
import { optionalRecord, toRecord } from './parse/fields.ts';
import { parseResources } from './parse/resources.ts';
import { limitsByController, type Limit } from './plan/cgroups.ts';
import { lockRunning } from './state/running.ts';
import { CgroupFiles } from './stats/files.ts';

const INPUT_LIMIT = 16 << 20;

/** The document of `update --resources`, the field linux.resources of a config.json alone; `-` is standard input. */
export function readResources(path: string): JsonObject {
  const text = path === '-' ? readInput() : readDocument(path, 'RUNTIME_RESOURCES_UNREADABLE', false);
  return inDocument(path, () => toRecord(parseText(text), ''));
}

/** By its number: a caller may give a socket, which has no name that could be opened. */
function readInput(): string {
  const content = named('Read standard input', () => readAll(0, INPUT_LIMIT));
  return utf8(content, 0, content.length);
}

/**
 * Changes the limits of a container to those of a document like linux.resources, of which absent, null and zero
 * leave a limit as it is; rules for devices are never changed. Throws RUNTIME_NOT_FOUND, RUNTIME_NOT_RUNNING,
 * SPEC_INVALID, SPEC_FIELD_UNSUPPORTED, RUNTIME_CGROUP_MISSING, and RUNTIME_STEP_FAILED for what the kernel
 * refuses; limits before that one have been changed then.
 */
export function updateContainer(root: string, id: string, document: JsonObject): void {
  const { devices: _unchanged, ...wanted } = withoutZeros(document);
  const resources = parseResources(withSwap(wanted), 'resources');
  const limits = [...limitsByController(resources)].flatMap(([controller, list]) =>
    controller === 'devices' ? [] : list,
  );
  using container = lockRunning(root, id);
  const files = new CgroupFiles(container.record.cgroups);
  const late = limits.filter((limit) => !apply(files, limit, true));
  for (const limit of late) apply(files, limit, false);
}

/** Fields of which zero is a value like any other. */
const WITH_ZERO: readonly string[] = ['idle', 'burst', 'swappiness'];

function withoutZeros(object: JsonObject): JsonObject {
  const isSet = (key: string, value: Json | undefined): boolean => value !== 0 || WITH_ZERO.includes(key);
  const entries = Object.entries(object).filter(([key, value]) => value !== null && isSet(key, value));
  return Object.fromEntries(
    entries.map(([key, value]) => [key, isObject(value) ? withoutZeros(value) : value]),
  );
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Without a limit on memory there can be none on memory and swap together. */
function withSwap(wanted: JsonObject): JsonObject {
  const memory = optionalRecord(wanted['memory'], 'resources.memory');
  const isFree = memory['limit'] === -1 && memory['swap'] === undefined;
  return isFree ? { ...wanted, memory: { ...memory, swap: -1 } } : wanted;
}

/**
 * False where the kernel takes a value only after another one, as a limit above that of memory and swap or a quota
 * longer than its period: such a limit `mayWait`, and is tried again after the others.
 */
function apply(files: CgroupFiles, { file, value, field }: Limit, mayWait: boolean): boolean {
  const directory = files.directoryOf(file);
  if (directory === undefined) {
    throw runtimeError(
      'RUNTIME_CGROUP_MISSING',
      `The field ${field} needs the cgroup file ${file}, which is not there`,
    );
  }
  const path = `${directory}/${file}`;
  try {
    writeExisting(path, value);
    return true;
  } catch (error) {
    if (mayWait && isSysError(error, 'EINVAL')) return false;
    return named(`Set ${field} by writing ${value} to ${path}`, () => {
      throw error;
    });
  }
}
