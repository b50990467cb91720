import { isSysError } from '../../kernel/call.ts';
import { MAGIC, O } from '../../kernel/constants.ts';
import { openFile, readAll, readText } from '../../kernel/files.ts';
import { fileSystemOf } from '../../kernel/stat.ts';

/** A mounted cgroup hierarchy (cgroups(7)). */
export interface Hierarchy {
  readonly version: 1 | 2;
  /** `cpu`, `memory`, …; of version 1 `name=systemd` for one without a controller. */
  readonly controllers: readonly string[];
  readonly mountPoint: string;
}

const MOUNTINFO_LIMIT = 64 << 20;

/**
 * The hierarchies of version 1 that are mounted and visible, and after them that of version 2, which has no controllers
 * for us then; or where those have none, the one of version 2 alone. Names of directories prove nothing: below
 * /sys/fs/cgroup there may be plain tmpfs directories in which every write seems to succeed.
 */
export function findHierarchies(): readonly Hierarchy[] {
  using file = openFile('/proc/self/mountinfo', O.RDONLY);
  const content = readAll(file.number, MOUNTINFO_LIMIT);
  const mountinfo = utf8(content, 0, content.length);
  const v1 = parseHierarchies(mountinfo).filter(({ mountPoint }) => isMounted(mountPoint, MAGIC.CGROUP));
  const unified = unifiedMountPoint(mountinfo);
  if (unified === undefined || !isMounted(unified, MAGIC.CGROUP2)) return v1;
  if (v1.some(({ controllers }) => controllers.some((name) => !name.startsWith('name='))))
    return [...v1, { version: 2, controllers: [], mountPoint: unified }];
  const controllers = readText(`${unified}/cgroup.controllers`).split(/\s/).filter(Boolean);
  return [{ version: 2, controllers, mountPoint: unified }];
}

/** What a hierarchy is called where it is mounted: `cpu,cpuacct`. */
export function nameOf(mountPoint: string): string {
  return mountPoint.slice(mountPoint.lastIndexOf('/') + 1);
}

/** Something else may have been mounted over it, or above it, where it can't be reached any more. */
function isMounted(mountPoint: string, magic: number): boolean {
  try {
    return fileSystemOf(mountPoint) === magic;
  } catch (error) {
    if (isSysError(error)) return false;
    throw error;
  }
}

const SEPARATOR = ' - cgroup ';
const SEPARATOR_V2 = ' - cgroup2 ';

/** proc_pid_mountinfo(5); where several mounts show one hierarchy, the first. */
function parseHierarchies(mountinfo: string): readonly Hierarchy[] {
  const found: Hierarchy[] = [];
  const seen = new Set<string>();
  for (let at = mountinfo.indexOf(SEPARATOR); at >= 0; at = mountinfo.indexOf(SEPARATOR, at + 1)) {
    const [device, mountPoint] = placeBefore(mountinfo, at);
    if (seen.has(device)) continue;
    seen.add(device);
    const [, options = ''] = mountinfo
      .slice(at + SEPARATOR.length, mountinfo.indexOf('\n', at))
      .split(' ', 2);
    const controllers = options.split(',').filter((option) => !MOUNT_OPTIONS.has(option));
    found.push({ version: 1, controllers, mountPoint });
  }
  return found;
}

function unifiedMountPoint(mountinfo: string): string | undefined {
  const at = mountinfo.indexOf(SEPARATOR_V2);
  return at < 0 ? undefined : placeBefore(mountinfo, at)[1];
}

/** Device and mount point of the line whose separator stands at `at`. */
function placeBefore(mountinfo: string, at: number): readonly [device: string, mountPoint: string] {
  const line = mountinfo.slice(mountinfo.lastIndexOf('\n', at) + 1, at);
  const [, , device = '', , mountPoint = ''] = line.split(' ', 5);
  return [device, unescape(mountPoint)];
}

const MOUNT_OPTIONS: ReadonlySet<string> = new Set([
  'rw',
  'ro',
  'noprefix',
  'clone_children',
  'xattr',
  'release_agent',
]);

/** Blanks and backslashes stand as three octal digits. */
function unescape(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
