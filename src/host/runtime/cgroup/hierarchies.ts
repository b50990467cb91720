import { MAGIC, O } from '../../kernel/constants.ts';
import { openFile, readAll } from '../../kernel/files.ts';
import { fileSystemOf } from '../../kernel/stat.ts';

/** A mounted cgroup v1 hierarchy (cgroups(7)). */
export interface Hierarchy {
  /** `cpu`, `memory`, …; `name=systemd` for one without a controller. */
  readonly controllers: readonly string[];
  readonly mountPoint: string;
}

const MOUNTINFO_LIMIT = 64 << 20;

/**
 * The v1 hierarchies that are mounted and visible. Names of directories prove nothing: below /sys/fs/cgroup there
 * may be plain tmpfs directories in which every write seems to succeed.
 */
export function findHierarchies(): readonly Hierarchy[] {
  using file = openFile('/proc/self/mountinfo', O.RDONLY);
  const content = readAll(file.number, MOUNTINFO_LIMIT);
  return parseHierarchies(utf8(content, 0, content.length)).filter(
    ({ mountPoint }) => fileSystemOf(mountPoint) === MAGIC.CGROUP,
  );
}

const SEPARATOR = ' - cgroup ';

/** proc_pid_mountinfo(5); where several mounts show one hierarchy, the first. */
function parseHierarchies(mountinfo: string): readonly Hierarchy[] {
  const found: Hierarchy[] = [];
  const seen = new Set<string>();
  for (let at = mountinfo.indexOf(SEPARATOR); at >= 0; at = mountinfo.indexOf(SEPARATOR, at + 1)) {
    const [, , device = '', , mountPoint = ''] = mountinfo
      .slice(mountinfo.lastIndexOf('\n', at) + 1, at)
      .split(' ', 5);
    if (seen.has(device)) continue;
    seen.add(device);
    const [, options = ''] = mountinfo
      .slice(at + SEPARATOR.length, mountinfo.indexOf('\n', at))
      .split(' ', 2);
    const controllers = options.split(',').filter((option) => !MOUNT_OPTIONS.has(option));
    found.push({ controllers, mountPoint: unescape(mountPoint) });
  }
  return found;
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
