import { isSysError } from '../../kernel/call.ts';
import { readDirectory, readText } from '../../kernel/files.ts';
import { networkError } from '../errors.ts';

/** A network of the Container Network Interface, as its configuration has it (CNI specification 1.1.0, section 1). */
export interface CniConfig {
  readonly cniVersion: string;
  readonly name: string;
  readonly plugins: readonly CniPlugin[];
}

export interface CniPlugin {
  readonly type: string;
  readonly capabilities?: Readonly<Record<string, boolean>>;
  readonly [key: string]: unknown;
}

const LIMIT = 1 << 20;
const OLDEST = '0.1.0';

/** The first network of this name among the files of a folder, in the order of their names. Throws NETWORK_NOT_FOUND. */
export function readCniConfig(folder: string, name: string): CniConfig {
  for (const file of configFiles(folder)) {
    const config = parse(`${folder}/${file}`);
    if (config.name === name) return config;
  }
  const text = `There is no CNI network "${name}" in ${folder}: put its .conflist there, or name another folder by CNI_CONF_DIR`;
  throw networkError('NETWORK_NOT_FOUND', text);
}

function configFiles(folder: string): readonly string[] {
  try {
    return readDirectory(folder)
      .filter((name) => /\.(conf|conflist|json)$/.test(name))
      .toSorted();
  } catch (error) {
    if (isSysError(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

/** A list of plugins, or a file with a single one, which stands for a list of it. */
function parse(path: string): CniConfig {
  const document = parseObject(path);
  const { cniVersion, name, plugins } = document;
  const list = Array.isArray(plugins) ? (plugins as readonly unknown[]) : [document];
  if (typeof name !== 'string' || !list.every(isPlugin)) {
    throw networkError(
      'NETWORK_CNI_INVALID',
      `The file ${path} is no CNI network: it needs a name, and plugins with a type`,
    );
  }
  return { cniVersion: typeof cniVersion === 'string' ? cniVersion : OLDEST, name, plugins: list };
}

function parseObject(path: string): Readonly<Record<string, unknown>> {
  try {
    const document: unknown = JSON.parse(readText(path, LIMIT));
    if (typeof document === 'object' && document !== null)
      return document as Readonly<Record<string, unknown>>;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw networkError('NETWORK_CNI_INVALID', `The file ${path} is no JSON object, as CNI networks are`);
}

/** The type is a program's name, and no path. */
function isPlugin(value: unknown): value is CniPlugin {
  if (typeof value !== 'object' || value === null || !('type' in value)) return false;
  return (
    typeof value.type === 'string' && /^[a-zA-Z0-9_.-]+$/.test(value.type) && !value.type.startsWith('.')
  );
}
