import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { inCheckout } from '../setup/checkout.mjs';

const PATIENCE_SECONDS = 5;
const OUR_PROGRAMS = /^(corten|runt)/;

/** What a test could leave on the machine, each thing as one line of text. */
export function machineState() {
  const mounts = readMounts();
  return new Set([...mounts.map(describeMount), ...cgroups(mounts), ...processes()]);
}

/**
 * What is there now and wasn't before. The kernel frees namespaces and mounts a little after their last user, so
 * what is new gets a few seconds to go.
 */
export async function leaksSince(before) {
  const end = Date.now() + PATIENCE_SECONDS * 1000;
  for (;;) {
    const left = [...machineState()].filter((line) => !before.has(line));
    if (left.length === 0 || Date.now() > end) return left;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function readMounts() {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const [own, filesystem] = line.split(' - ');
    return { id: own.split(' ')[0], point: own.split(' ')[4], type: filesystem.split(' ')[0] };
  });
}

function describeMount({ id, point, type }) {
  return `mount ${point} (${type}, id ${id})`;
}

function cgroups(mounts) {
  const roots = mounts
    .filter(({ type }) => type === 'cgroup' || type === 'cgroup2')
    .map(({ point }) => point);
  return roots.flatMap(foldersBelow).map((path) => `cgroup ${path}`);
}

function foldersBelow(folder) {
  const children = entries(folder).filter((entry) => entry.isDirectory());
  return children.map(({ name }) => `${folder}/${name}`).flatMap((path) => [path, ...foldersBelow(path)]);
}

/** Network namespaces that processes hold, and processes of our own programs. */
function processes() {
  const pids = entries('/proc')
    .filter(({ name }) => /^\d+$/.test(name))
    .map(({ name }) => name);
  return pids.flatMap((pid) => {
    const namespace = attempt(() => readlinkSync(`/proc/${pid}/ns/net`));
    const command = attempt(() => readFileSync(`/proc/${pid}/comm`, 'utf8').trim()) ?? '';
    const lines = namespace === undefined ? [] : [`network namespace ${namespace}`];
    return isOurs(pid, command) ? [...lines, `process ${pid} (${command})`] : lines;
  });
}

function isOurs(pid, command) {
  if (OUR_PROGRAMS.test(command)) return true;
  const program = attempt(() => readlinkSync(`/proc/${pid}/exe`)) ?? '';
  return (
    program.startsWith(inCheckout('native-target')) ||
    OUR_PROGRAMS.test(program.slice(program.lastIndexOf('/') + 1))
  );
}

function entries(folder) {
  if (!existsSync(folder)) return [];
  return attempt(() => readdirSync(folder, { withFileTypes: true })) ?? [];
}

// Processes and cgroups may be gone between their listing and our look.
function attempt(look) {
  try {
    return look();
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'ENODEV', 'ENOTDIR', 'EINVAL'].includes(error.code)) return undefined;
    throw error;
  }
}
