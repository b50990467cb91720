import type { Hook, HookKind, Hooks, Mount, Spec } from '../../../../pure/spec/runtime.ts';
import { engineError } from '../../errors.ts';
import {
  readCdiFolders,
  type CdiEdits,
  type CdiFile,
  type CdiFolders,
  type CdiHook,
  type CdiNode,
} from './cdi-files.ts';
import { devicesOf, type GivenDevice } from './devices.ts';

const GPU_KIND = 'nvidia.com/gpu';
/** In `gpus`, instead of a device of one kind. */
const ANY_GPU = '/gpu=';

/** With what the host says that devices of these names, `vendor.com/class=name` each, want. Throws ENGINE_CDI_UNKNOWN. */
export function withCdi(spec: Spec, names: readonly string[]): Spec {
  if (names.length === 0) return spec;
  const folders = readCdiFolders();
  const found = names.map((name) =>
    find(folders, name.startsWith(ANY_GPU) ? gpuKind(folders) + name.slice(4) : name),
  );
  // What all devices of a file have in common comes once, and first.
  const files = [...new Map(found.map(({ file }) => [file.path, file])).values()];
  const common = files.flatMap(({ spec: one }) => one.containerEdits ?? []);
  return [...common, ...found.map(({ edits }) => edits)].reduce(edited, spec);
}

/** NVIDIA's, or the only one that the host has. */
function gpuKind({ files }: CdiFolders): string {
  const kinds = [...new Set(files.map(({ spec }) => spec.kind).filter((kind) => kind.endsWith('/gpu')))];
  return kinds.length === 1 ? (kinds[0] ?? GPU_KIND) : GPU_KIND;
}

interface Found {
  readonly file: CdiFile;
  readonly edits: CdiEdits;
}

function find(folders: CdiFolders, name: string): Found {
  const [kind = '', device = ''] = name.split('=');
  const all = folders.files.flatMap((file): readonly Found[] => {
    const own = file.spec.kind === kind ? file.spec.devices.find((one) => one.name === device) : undefined;
    return own === undefined ? [] : [{ file, edits: own.containerEdits }];
  });
  const best = Math.max(...all.map(({ file }) => file.rank));
  const [found, second] = all.filter(({ file }) => file.rank === best);
  if (found === undefined) throw unknown(folders, name);
  if (second === undefined) return found;
  const text = `The device ${name} is described by both ${found.file.path} and ${second.file.path}: take one away`;
  throw engineError('ENGINE_CDI_INVALID', text);
}

function unknown({ files, unread }: CdiFolders, name: string): Error {
  const known = files.flatMap(({ spec }) => spec.devices.map((one) => `${spec.kind}=${one.name}`));
  const list = known.length === 0 ? 'it describes none' : `it has ${known.slice(0, 8).join(', ')}`;
  const [yaml] = unread;
  const hint =
    yaml === undefined
      ? ''
      : `; ${yaml} is not read, as YAML is not: have it written as JSON (nvidia-ctk cdi generate --format=json)`;
  const text = `The host describes no device ${name} to the Container Device Interface: ${list}${hint}`;
  return engineError('ENGINE_CDI_UNKNOWN', text);
}

function edited(
  spec: Spec,
  { env = [], deviceNodes = [], mounts = [], hooks = [], additionalGids = [] }: CdiEdits,
): Spec {
  const { process, linux } = spec;
  const nodes = deviceNodes.flatMap(nodeOf);
  const paths = new Set(nodes.map(({ device }) => device.path));
  return {
    ...spec,
    ...(hooks.length === 0 ? {} : { hooks: withHooks(spec.hooks, hooks) }),
    process: {
      ...process,
      env: [...process.env.filter((one) => !env.some((other) => nameOf(other) === nameOf(one))), ...env],
      user: {
        ...process.user,
        additionalGids: [...new Set([...process.user.additionalGids, ...additionalGids])],
      },
    },
    mounts: [
      ...spec.mounts,
      ...mounts.map(
        ({ hostPath, containerPath, type = 'bind', options = ['ro', 'nosuid', 'nodev', 'bind'] }): Mount => ({
          destination: containerPath,
          source: hostPath,
          type,
          options:
            type === 'bind' && !options.some((one) => /^r?bind$/.test(one)) ? ['rbind', ...options] : options,
        }),
      ),
    ],
    linux: {
      ...linux,
      devices: [
        ...linux.devices.filter(({ path }) => !paths.has(path)),
        ...nodes.map(({ device }) => device),
      ],
      resources: {
        ...linux.resources,
        devices: [...linux.resources.devices, ...nodes.map(({ rule }) => rule)],
      },
    },
  };
}

function nameOf(variable: string): string {
  return variable.split('=', 1)[0] ?? '';
}

/** Numbers and kind are those of the host's node, as the specification has it where they are left out. */
function nodeOf({
  path,
  hostPath = path,
  permissions = 'rwm',
  fileMode,
  uid,
  gid,
}: CdiNode): readonly GivenDevice[] {
  return devicesOf([{ source: hostPath, destination: path, access: permissions }]).map(
    ({ device, rule }) => ({
      device: {
        ...device,
        ...(fileMode === undefined ? {} : { fileMode: fileMode & 0o777 }),
        ...(uid === undefined ? {} : { uid }),
        ...(gid === undefined ? {} : { gid }),
      },
      rule,
    }),
  );
}

const NO_HOOKS: Hooks = {
  prestart: [],
  createRuntime: [],
  createContainer: [],
  startContainer: [],
  poststart: [],
  poststop: [],
};

function withHooks(hooks: Hooks = NO_HOOKS, more: readonly CdiHook[]): Hooks {
  const of = (kind: HookKind): readonly Hook[] => [
    ...hooks[kind],
    ...more
      .filter(({ hookName }) => hookName === kind)
      .map(({ path, args = [path], env, timeout }) => ({
        path,
        args,
        ...(env === undefined ? {} : { env }),
        ...(timeout === undefined ? {} : { timeout }),
      })),
  ];
  return {
    prestart: of('prestart'),
    createRuntime: of('createRuntime'),
    createContainer: of('createContainer'),
    startContainer: of('startContainer'),
    poststart: of('poststart'),
    poststop: of('poststop'),
  };
}
