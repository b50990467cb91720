import { fits, type Shape } from '../../../../pure/base/shape.ts';
import { isSysError } from '../../../kernel/call.ts';
import { readDirectory, readText } from '../../../kernel/files.ts';
import { engineError } from '../../errors.ts';
import { setting } from '../../settings.ts';

// The Container Device Interface, SPEC.md of cncf-tags/container-device-interface, versions 0.3.0 to 1.0.0.

export interface CdiEdits {
  readonly env?: readonly string[];
  readonly deviceNodes?: readonly CdiNode[];
  readonly mounts?: readonly CdiMount[];
  readonly hooks?: readonly CdiHook[];
  readonly additionalGids?: readonly number[];
}

export interface CdiNode {
  readonly path: string;
  readonly hostPath?: string;
  readonly permissions?: string;
  readonly fileMode?: number;
  readonly uid?: number;
  readonly gid?: number;
}

export interface CdiMount {
  readonly hostPath: string;
  readonly containerPath: string;
  readonly type?: string;
  readonly options?: readonly string[];
}

export interface CdiHook {
  readonly hookName: string;
  readonly path: string;
  readonly args?: readonly string[];
  readonly env?: readonly string[];
  readonly timeout?: number;
}

export interface CdiSpec {
  readonly cdiVersion: string;
  /** `vendor.com/class` */
  readonly kind: string;
  readonly containerEdits?: CdiEdits;
  readonly devices: readonly { readonly name: string; readonly containerEdits: CdiEdits }[];
}

const EDITS: Shape = {
  'env?': [''],
  'deviceNodes?': [{ path: '', 'hostPath?': '', 'permissions?': '', 'fileMode?': 0, 'uid?': 0, 'gid?': 0 }],
  'mounts?': [{ hostPath: '', containerPath: '', 'type?': '', 'options?': [''] }],
  'hooks?': [{ hookName: '', path: '', 'args?': [''], 'env?': [''], 'timeout?': 0 }],
  'additionalGids?': [0],
};
const SPEC: Shape = {
  cdiVersion: '',
  kind: '',
  'containerEdits?': EDITS,
  devices: [{ name: '', containerEdits: EDITS }],
};
const VERSIONS: ReadonlySet<string> = new Set([
  '0.3.0',
  '0.4.0',
  '0.5.0',
  '0.6.0',
  '0.7.0',
  '0.8.0',
  '1.0.0',
]);
const LIMIT = 16 << 20;

export interface CdiFile {
  readonly path: string;
  /** How far behind its folder stands: what stands later wins. */
  readonly rank: number;
  readonly spec: CdiSpec;
}

export interface CdiFolders {
  readonly files: readonly CdiFile[];
  /** Files that this version does not read. */
  readonly unread: readonly string[];
}

/** All that the folders of the setting `devices.cdi_dirs` describe. Throws ENGINE_CDI_INVALID for a file that is none. */
export function readCdiFolders(): CdiFolders {
  const paths = setting('devices.cdi_dirs').flatMap((folder, rank) =>
    namesIn(folder).map((name) => ({ path: `${folder}/${name}`, rank })),
  );
  return {
    files: paths
      .filter(({ path }) => path.endsWith('.json'))
      .map(({ path, rank }) => ({ path, rank, spec: read(path) })),
    unread: paths.map(({ path }) => path).filter((path) => /\.ya?ml$/.test(path)),
  };
}

function namesIn(folder: string): readonly string[] {
  try {
    return readDirectory(folder).toSorted();
  } catch (error) {
    if (isSysError(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

function read(path: string): CdiSpec {
  const text = readText(path, LIMIT);
  const spec = parse(text, path);
  if (!VERSIONS.has(spec.cdiVersion)) {
    const known = `The device description ${path} has the version ${spec.cdiVersion}: versions 0.3.0 to 1.0.0 are known`;
    throw engineError('ENGINE_CDI_INVALID', known);
  }
  return spec;
}

function parse(text: string, path: string): CdiSpec {
  try {
    const spec: unknown = JSON.parse(text);
    if (fits(spec, SPEC)) return spec as CdiSpec;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  const told = `The device description ${path} is no JSON as the Container Device Interface has it: correct it or take it away`;
  throw engineError('ENGINE_CDI_INVALID', told);
}
