import type { Json, JsonObject } from '../../pure/base/json.ts';
import { readAll } from '../kernel/files.ts';
import { applyResources } from './apply-resources.ts';
import { named } from './errors.ts';
import { inDocument, parseText, readDocument } from './parse/document.ts';
import { toRecord } from './parse/fields.ts';
import { parseResources } from './parse/resources.ts';
import { lockRunning } from './state/running.ts';

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
  const resources = parseResources(wanted, 'resources');
  using container = lockRunning(root, id);
  applyResources(container.record.cgroups, resources);
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
