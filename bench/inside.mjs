// Whether two runtimes make the same container of a bundle, seen from inside: nothing is faster by leaving work behind.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SHELL = '/bin/busybox';
const SCRIPT = [
  'B=/bin/busybox',
  '$B grep -E "^(Cap|NoNewPrivs)" /proc/self/status',
  'echo; $B cat /proc/self/mountinfo',
  'echo; $B find /dev -exec $B stat -c "%n %A %u:%g %t:%T %N" {} ";"',
  'echo; $B cat /proc/self/cgroup',
].join('; ');
/** Of a mount's options those that a container is confined by. */
const CONFINING = ['ro', 'nosuid', 'nodev', 'noexec'];

/** Throws where the bundle's container differs in capabilities, mounts, devices or cgroups. */
export function compareInside(folder, programs) {
  const bundle = join(folder, 'inside');
  mkdirSync(join(bundle, 'rootfs/bin'), { recursive: true });
  copyFileSync(SHELL, join(bundle, 'rootfs', SHELL));
  execFileSync('runc', ['spec'], { cwd: bundle });
  const path = join(bundle, 'config.json');
  const config = JSON.parse(readFileSync(path, 'utf8'));
  Object.assign(config.process, { args: [SHELL, 'sh', '-c', SCRIPT], terminal: false });
  writeFileSync(path, JSON.stringify(config));
  const [first, ...others] = programs.map((program) => viewOf(program, bundle, config.linux.maskedPaths));
  for (const [at, other] of others.entries()) {
    const missing = first.filter((line) => !other.includes(line)).map((line) => `- ${line}`);
    // A mount may be confined further.
    const more = other
      .filter((line) => !first.includes(line) && !line.startsWith('option '))
      .map((line) => `+ ${line}`);
    if (missing.length + more.length > 0)
      throw new Error(`${programs[at + 1]} makes another container:\n${[...missing, ...more].join('\n')}`);
  }
}

function viewOf(program, bundle, masked) {
  const args = ['--root', join(bundle, 'state'), 'run', '-b', bundle, 'bench-inside'];
  const [status, mounts, devices, cgroups] = execFileSync(program, args, { encoding: 'utf8' }).split('\n\n');
  const all = [status, mounts.split('\n').flatMap((line) => mountOf(line, masked)), devices, cgroups];
  return all.flatMap((part) => (typeof part === 'string' ? part.trim().split('\n') : part));
}

/** proc_pid_mountinfo(5). What hides a path may be anything. */
function mountOf(line, masked) {
  const [own, below] = line.split(' - ').map((half) => half.split(' '));
  const [point, options] = own.slice(4);
  if (masked.includes(point)) return `mount ${point}`;
  const confining = CONFINING.filter((option) => options.split(',').includes(option));
  return [`mount ${point} ${below[0]}`, ...confining.map((option) => `option ${point} ${option}`)];
}
