import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  runCommand,
  RUNT,
  runtime,
  spawnCommand,
  type Outcome,
  type Running,
  type RuntimeName,
  type Spawned,
} from './programs.ts';

/** A config.json as a test builds it: changed freely, wrongly too. */
export interface Config {
  [field: string]: unknown;
  process: Record<string, unknown>;
  root: Record<string, unknown>;
  mounts: Record<string, unknown>[];
  linux: Record<string, unknown> & {
    namespaces: Record<string, unknown>[];
    resources?: Record<string, unknown>;
  };
}

const ALL = [
  ['/proc', 'proc', 'proc'],
  ['/dev', 'tmpfs', 'tmpfs', 'nosuid', 'strictatime', 'mode=755', 'size=65536k'],
  ['/dev/pts', 'devpts', 'devpts', 'nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
  ['/dev/shm', 'tmpfs', 'shm', 'nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k'],
  ['/sys', 'sysfs', 'sysfs', 'nosuid', 'noexec', 'nodev', 'ro'],
] as const;

/** A shell's container with all namespaces, the usual mounts and no limits; `cgroupsPath` is its own. */
function baseConfig(cgroup: string): Config {
  return {
    ociVersion: '1.0.2',
    process: {
      terminal: false,
      user: { uid: 0, gid: 0 },
      args: ['true'],
      env: ['PATH=/bin'],
      cwd: '/',
    },
    root: { path: 'rootfs' },
    mounts: ALL.map(([destination, type, source, ...options]) => ({ destination, type, source, options })),
    linux: {
      cgroupsPath: `/${cgroup}`,
      namespaces: ['pid', 'network', 'ipc', 'uts', 'mount', 'cgroup'].map((type) => ({ type })),
    },
  };
}

const APPLETS = readFileSync(new URL('./applets.txt', import.meta.url), 'utf8')
  .trim()
  .split(/\s+/);
let count = 0;

/** A bundle in a folder of its own, with the state directories of the runtimes that run it. */
export class Bundle {
  readonly folder: string;
  readonly path: string;
  readonly rootfs: string;
  /** Of the container in any runtime, and its cgroup's name. */
  readonly id: string;
  readonly config: Config;

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'runt-test-'));
    this.path = join(this.folder, 'bundle');
    this.rootfs = join(this.path, 'rootfs');
    this.id = `runt-test-${process.pid}-${++count}`;
    this.config = baseConfig(this.id);
    mkdirSync(join(this.rootfs, 'bin'), { recursive: true });
    mkdirSync(join(this.rootfs, 'etc'));
    cpSync('/bin/busybox', join(this.rootfs, 'bin/busybox'), { dereference: true });
    for (const applet of APPLETS) symlinkSync('busybox', join(this.rootfs, 'bin', applet));
  }

  /** Sets what the container executes: a script for its shell. */
  script(text: string): this {
    this.config.process['args'] = ['sh', '-c', text];
    return this;
  }

  write(): void {
    writeFileSync(join(this.path, 'config.json'), JSON.stringify(this.config));
  }

  /** As `write`, with a text that JSON.stringify() would not make. */
  writeWith(change: (text: string) => string): void {
    writeFileSync(join(this.path, 'config.json'), change(JSON.stringify(this.config)));
  }

  /** As `call` of runt by another command, which gets it as its last arguments. */
  callUnder(command: readonly string[], args: readonly string[], running?: Running): Outcome {
    return runCommand([...command, RUNT, '--root', join(this.folder, 'state-runt'), ...args], running);
  }

  /** A verb of a runtime, runt unless named. */
  call(args: readonly string[], running?: Running, name: RuntimeName = 'runt'): Outcome {
    return runtime(name, this.folder)(args, running);
  }

  /** As `call` of runt, for a command that others go on beside. */
  spawn(args: readonly string[], running?: Running): Spawned {
    return spawnCommand([RUNT, '--root', join(this.folder, 'state-runt'), ...args], running);
  }

  /** As `call` of runt, by a caller whose bounding set lacks some capabilities. */
  callWithout(names: readonly string[], args: readonly string[]): Outcome {
    const set = names.map((name) => `-${name}`).join(',');
    return runCommand([
      'setpriv',
      `--bounding-set=${set}`,
      RUNT,
      '--root',
      join(this.folder, 'state-runt'),
      ...args,
    ]);
  }

  /** As `run`, in a mount namespace of its own where `script` has run before. */
  callMounted(script: string): Outcome {
    return this.callInMounts(`${script}; "$@"`);
  }

  /** Runs a shell in a mount namespace of its own; "$@" is the command that runs the container. */
  callInMounts(script: string): Outcome {
    const command = [RUNT, '--root', join(this.folder, 'state-runt'), 'run', '-b', this.path, this.id];
    return runCommand(['unshare', '-m', '--propagation', 'private', 'sh', '-c', script, 'sh', ...command]);
  }

  /** Writes the document, runs the container to its end and gives what came out. */
  run(running?: Running, name: RuntimeName = 'runt'): Outcome {
    this.write();
    return this.call(['run', '--bundle', this.path, this.id], running, name);
  }

  /** As `run`, for a container that must end well: what it printed. */
  output(name: RuntimeName = 'runt'): string {
    const { code, stdout, stderr } = this.run({}, name);
    assert.equal(code, 0, `${name}: ${stderr}${stdout}`);
    assert.equal(stderr, '', name);
    return stdout;
  }

  /** A container that runs until it is killed. */
  start(...flags: readonly string[]): void {
    this.config.process['args'] = ['sleep', '1000'];
    this.write();
    const { code, stderr } = this.call(['run', '--detach', ...flags, '--bundle', this.path, this.id]);
    assert.equal(code, 0, stderr);
  }

  /** What is left of the container besides the bundle. */
  leftovers(): readonly string[] {
    const states = readdirSync(this.folder).filter((name) => name.startsWith('state-'));
    const containers = states.flatMap((name) =>
      readdirSync(join(this.folder, name)).map((id) => `${name}/${id}`),
    );
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => line.includes(this.folder));
    return [...containers, ...cgroupsNamed(this.id), ...mounts];
  }

  [Symbol.dispose](): void {
    this.call(['delete', '--force', this.id]);
    const left = this.leftovers();
    rmSync(this.folder, { recursive: true });
    assert.deepEqual(left, [], 'the container leaves nothing');
  }
}

/** Whether the controllers are in cgroup v2. */
export const UNIFIED = existsSync('/sys/fs/cgroup/cgroup.controllers');

/** The directory of that name in each cgroup hierarchy that has one, be it v1's many or v2's one. */
export function cgroupsNamed(name: string): readonly string[] {
  return ['.', ...readdirSync('/sys/fs/cgroup')]
    .map((hierarchy) => join('/sys/fs/cgroup', hierarchy, name))
    .filter((path) => existsSync(join(path, 'cgroup.procs')));
}
