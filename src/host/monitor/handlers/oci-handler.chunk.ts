import { formatJson } from '../../../pure/base/json.ts';
import { attempt, sys } from '../../kernel/call.ts';
import { AT, CLONE, MS, O, PR, SIGNAL } from '../../kernel/constants.ts';
import { createFile, makeDirectories, openFile, readTextIfThere } from '../../kernel/files.ts';
import { removeTree } from '../../kernel/remove-tree.ts';
import type { Spec } from '../../../pure/spec/runtime.ts';
import { attachMount } from '../../kernel/mounts.ts';
import { isDirectory, statusOf } from '../../kernel/stat.ts';
import { cgroupsAt } from '../../runtime/delete-cgroups.ts';
import { monitorError } from '../errors.ts';
import type { Handled, Handler, HandlerRequest } from '../handler.ts';
import { exists, type Places } from '../places.ts';
import { ConsoleSocket } from './console-socket.ts';
import { ociDocument } from './oci-document.ts';
import { failureOf } from './oci-failure.ts';
import { runProgram } from './run-program.ts';
import { runtimeStateRoot } from './runtime-state.ts';

const MNT_DETACH = 2;
const UNIFIED = '/sys/fs/cgroup/unified';

/** Any OCI runtime, as runc's command line has it: `create`, `start` and `delete` of a bundle. */
export function ociHandler(program: string): Handler {
  return {
    create: (request) => create(program, request),
    release: (places) => remove(program, places),
    remove: (places) => remove(program, places),
  };
}

function create(program: string, request: HandlerRequest): Handled {
  const { places } = request;
  const bundle = bundleOf(places);
  enterPrivateMounts();
  // The container's init becomes ours when the runtime's process is gone.
  sys('prctl', PR.SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  removeTree(AT.FDCWD, bundle);
  makeDirectories(`${bundle}/rootfs`, 0o700);
  try {
    using place = openFile(`${bundle}/rootfs`, O.PATH | O.DIRECTORY);
    attachMount(request.rootfs.number, place.number);
    const spec = withMounts(request, bundle);
    createFile(`${bundle}/config.json`, formatJson(ociDocument(spec)));
    return start(program, bundle, request);
  } catch (error) {
    undo(program, bundle, places);
    throw error;
  }
}

/** Detached mounts get places that the runtime can name. */
function withMounts({ spec, mounts }: HandlerRequest, bundle: string): Spec {
  if (mounts === undefined || mounts.size === 0) return spec;
  const sources = new Map<string, string>();
  for (const [destination, mount] of mounts) {
    const path = `${bundle}/mount-${sources.size}`;
    const isFolder = isDirectory(statusOf(mount.number));
    if (isFolder) makeDirectories(path, 0o700);
    else createFile(path, '');
    using place = openFile(path, O.PATH);
    attachMount(mount.number, place.number);
    sources.set(destination, path);
  }
  return {
    ...spec,
    mounts: spec.mounts.map((mount) => {
      const source = sources.get(mount.destination);
      return source === undefined ? mount : { ...mount, source };
    }),
  };
}

/** A bundle for the hooks of a container of our own runtime: what they read of it, and where its root is meanwhile. */
export function hookBundle({ places, spec }: HandlerRequest): string {
  const bundle = bundleOf(places);
  makeDirectories(bundle, 0o700);
  attempt('unlink', `${bundle}/config.json`);
  const root = { ...spec.root, path: `${places.runtimeRoot}/${places.id}` };
  createFile(`${bundle}/config.json`, formatJson(ociDocument({ ...spec, root })));
  return bundle;
}

function bundleOf({ directory }: Places): string {
  return `${directory}/bundle`;
}

/** What is mounted for the runtime is seen by nobody else, and gone with this process. */
function enterPrivateMounts(): void {
  sys('unshare', CLONE.NEWNS);
  sys('mount', 'none', '/', null, MS.REC | MS.SLAVE, null);
  // Beside hierarchies of version 1 crun takes none of version 2.
  attempt('umount2', UNIFIED, MNT_DETACH);
}

function start(program: string, bundle: string, { places, spec, stdio }: HandlerRequest): Handled {
  const log = `${bundle}/log`;
  const pidFile = `${bundle}/pid`;
  const own = ['--root', runtimeStateRoot(places, program), '--log', log];
  using console = spec.process.terminal ? ConsoleSocket.listen(bundle) : undefined;
  const socket = console === undefined ? [] : ['--console-socket', console.path];
  const made = runProgram(
    program,
    [...own, 'create', '--bundle', bundle, '--pid-file', pidFile, ...socket, places.id],
    stdio,
  );
  if (made !== 0) throw failureOf(program, readTextIfThere(log) ?? '');
  const master = console?.receive();
  const pid = Number(readTextIfThere(pidFile));
  if (!(pid > 0)) {
    throw monitorError('MONITOR_RUNTIME_FAILED', `The runtime ${program} wrote no number into its pid file`);
  }
  if (runProgram(program, [...own, 'start', places.id], [0, 0, 0]) !== 0) {
    throw failureOf(program, readTextIfThere(log) ?? '');
  }
  const cgroups = cgroupsAt(spec.linux.cgroupsPath ?? `/${places.id}`);
  const handled = { pid, startTime: startTimeOf(pid), cgroups };
  return master === undefined ? handled : { ...handled, console: master };
}

/** Field 22 of proc_pid_stat(5), counted behind the name, which may hold anything. */
function startTimeOf(pid: number): string {
  const text = readTextIfThere(`/proc/${pid}/stat`) ?? '';
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function undo(program: string, bundle: string, places: Places): void {
  const pid = Number(readTextIfThere(`${bundle}/pid`));
  if (pid > 0) {
    attempt('kill', pid, SIGNAL.KILL);
    attempt('wait4', pid, null, 0, null);
  }
  remove(program, places);
  removeTree(AT.FDCWD, bundle);
}

function remove(program: string, places: Places): boolean {
  // Where it can be seen, the directory could not be removed.
  const bundle = bundleOf(places);
  attempt('umount2', `${bundle}/rootfs`, MNT_DETACH);
  for (let index = 0; attempt('umount2', `${bundle}/mount-${index}`, MNT_DETACH) === 0; index++);
  const root = runtimeStateRoot(places, program);
  if (!exists(`${root}/${places.id}`)) return false;
  runProgram(program, ['--root', root, 'delete', '--force', places.id], [0, 0, 0]);
  return true;
}
