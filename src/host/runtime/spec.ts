import type { Json } from '../../pure/base/json.ts';
import type { Annotations, IdMapping, Mount, Root, Spec } from '../../pure/spec/runtime.ts';
import { hooksModule } from './hooks/hooks.ts';
import { inDocument, parseText, readDocument } from './parse/document.ts';
import {
  isAbsent,
  optionalRecord,
  present,
  refuse,
  refuseUnsupported,
  toBoolean,
  toFilledText,
  toList,
  toRecord,
  toText,
} from './parse/fields.ts';
import { toIdMappings } from './parse/id-mappings.ts';
import { parseLinux } from './parse/linux.ts';
import { parseProcess } from './parse/process.ts';

/** Reads and parses `config.json` of a bundle, or a document in its place, whose path begins in the bundle. */
export function readSpec(bundle: string, document = 'config.json'): Spec {
  const path = document.startsWith('/') ? document : `${bundle}/${document}`;
  return inDocument(path, () => parseSpec(readDocument(path, 'RUNTIME_BUNDLE_UNREADABLE')));
}

/** config.md#platform-specific-configuration */
const OTHER_PLATFORMS = ['windows', 'solaris', 'vm', 'zos', 'freebsd'];

/**
 * A config.json (config.md of the OCI runtime specification 1.0 to 1.2) as a value, every default filled in.
 * Throws SPEC_INVALID, or SPEC_FIELD_UNSUPPORTED for what asks for something that is not offered, naming the field.
 */
export function parseSpec(text: string): Spec {
  const record = toRecord(parseText(text), '');
  const ociVersion = toFilledText(record['ociVersion'], 'ociVersion');
  if (!/^1\.[0-9]+\.[0-9]+(?:[-+].*)?$/.test(ociVersion))
    refuse('ociVersion', `1.0 to 1.2, not ${ociVersion.slice(0, 40)}`);
  refuseUnsupported(record, '', OTHER_PLATFORMS);
  const linux = parseLinux(record['linux'], 'linux');
  const names = present<{ hostname: string; domainname: string }>(record, '', {
    hostname: (name) => toText(name, 'hostname'),
    domainname: (name) => toText(name, 'domainname'),
  });
  if ((names.hostname || names.domainname) && !linux.namespaces.some(({ type }) => type === 'uts')) {
    refuse(names.hostname ? 'hostname' : 'domainname', 'left out where no uts namespace is asked for');
  }
  const sysctl = linux.sysctls?.find(({ path }) => path === 'kernel/domainname');
  if (names.domainname && sysctl !== undefined && sysctl.value !== names.domainname) {
    refuse('linux.sysctl["kernel.domainname"]', 'left out: the field domainname says it');
  }
  return {
    ociVersion,
    root: parseRoot(record['root'], 'root'),
    process: parseProcess(record['process'], 'process'),
    mounts: toList(record['mounts'], 'mounts', parseMount),
    annotations: parseAnnotations(record['annotations'], 'annotations'),
    linux,
    ...(isAbsent(record['hooks']) ? {} : { hooks: hooksModule().parseHooks(record['hooks'], 'hooks') }),
    ...names,
  };
}

function parseRoot(value: Json | undefined, at: string): Root {
  const record = toRecord(value, at);
  return {
    path: toFilledText(record['path'], `${at}.path`),
    readonly: toBoolean(record['readonly'], `${at}.readonly`),
  };
}

/** config.md#mounts */
function parseMount(value: Json | undefined, at: string): Mount {
  const record = toRecord(value, at);
  const destination = toFilledText(record['destination'], `${at}.destination`);
  const parts = destination.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) refuse(`${at}.destination`, 'a path without ".."');
  if (parts.length === 0) refuse(`${at}.destination`, 'a path below the root of the container');
  const texts = present<{ type: string; source: string }>(record, at, { type: toText, source: toText });
  return {
    destination: `/${parts.join('/')}`,
    options: toList(record['options'], `${at}.options`, toText),
    ...texts,
    ...present<{ uidMappings: readonly IdMapping[]; gidMappings: readonly IdMapping[] }>(record, at, {
      uidMappings: toIdMappings,
      gidMappings: toIdMappings,
    }),
  };
}

function parseAnnotations(value: Json | undefined, at: string): Annotations {
  const annotations = Object.create(null) as Record<string, string>;
  if (isAbsent(value)) return annotations;
  for (const [key, text] of Object.entries(optionalRecord(value, at))) {
    annotations[key] = toText(text, `${at}["${key.slice(0, 80)}"]`);
  }
  return annotations;
}
