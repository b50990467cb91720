import assert from 'node:assert/strict';
import { attempt, sys } from '../../kernel/call.ts';
import { AT, CLONE, O, PR, SIGNAL, WNOHANG } from '../../kernel/constants.ts';
import { makeDirectories, openFile, readAll, readDirectory, readText, writeAll } from '../../kernel/files.ts';
import { removeTree } from '../../kernel/remove-tree.ts';
import { sleep, waitFor } from '../../kernel/process.ts';
import { createContainer, type CreatedContainer } from '../create.ts';
import { deleteContainer } from '../delete.ts';
import { listProcesses } from '../ps.ts';
import { parseSpec } from '../spec.ts';
import type { Spec } from '../../../pure/spec/runtime.ts';

const ECHILD = -10;
const PATIENCE_ROUNDS = 2000;

/** A bundle and a state root of a test's own, with one container. */
export class Place {
  readonly folder = `/tmp/runt-trial-${sys('getpid')}`;
  readonly root = `${this.folder}/state`;
  readonly bundle = `${this.folder}/bundle`;
  readonly id = `runt-trial-${sys('getpid')}`;
  readonly spec: Spec;

  /** `isMapped`: in a user namespace, whose ids are the host's. */
  constructor(isMapped = false) {
    // What a killed process leaves behind comes to us, to be waited for.
    sys('prctl', PR.SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    makeDirectories(`${this.bundle}/rootfs/bin`);
    makeDirectories(this.root);
    copyFile('/bin/busybox', `${this.bundle}/rootfs/bin/busybox`);
    sys('symlink', 'busybox', `${this.bundle}/rootfs/bin/sleep`);
    this.spec = parseSpec(JSON.stringify(configOf(this.id, isMapped)));
  }

  create(start: 'wait' | 'now' = 'wait'): CreatedContainer {
    const { root, id, bundle, spec } = this;
    return createContainer({ root, id, bundle, spec, start, warn: () => undefined });
  }

  /** Deletes whatever there is of the container and waits for its processes. */
  remove(): void {
    try {
      deleteContainer(this.root, this.id, { force: true });
    } catch (error) {
      if ((error as { code?: string }).code !== 'RUNTIME_NOT_FOUND') throw error;
    }
    this.reap();
  }

  /** Waits for every child; each must end by itself. */
  reap(): void {
    for (let round = 0; round < PATIENCE_ROUNDS; round++) {
      const result = attempt('wait4', -1, null, WNOHANG, null);
      if (result === ECHILD) return;
      if (result === 0) sleep(1);
    }
    assert.fail(`a process is left: ${children().join(', ')}`);
  }

  /** What is there of the container: state, cgroups, mounts. */
  traces(): readonly string[] {
    const mounts = readText('/proc/self/mountinfo')
      .split('\n')
      .filter((line) => line.includes(this.folder));
    return [...readDirectory(this.root), ...this.cgroups(), ...mounts];
  }

  cgroups(): readonly string[] {
    return ['.', ...readDirectory('/sys/fs/cgroup')]
      .map((name) => `/sys/fs/cgroup/${name}/${this.id}`)
      .filter((path) => attempt('access', path, 0) === 0);
  }

  /** Undoes what a call that the kernel never refuses has left, that of going back to the own pid namespace. */
  stayInPidNamespace(): void {
    using own = openFile('/proc/self/ns/pid', O.RDONLY);
    sys('setns', own.number, CLONE.NEWPID);
  }

  /** Everybody in the container's cgroup. */
  processes(): readonly number[] {
    return listProcesses(this.root, this.id);
  }

  /**
   * Until the container's first process is our only child and alone in its cgroup: what a killed command leaves
   * ends by itself, and comes to us. One that isn't waited for would keep its pid namespace, so init, from ending.
   */
  waitUntilAlone(pid: number): void {
    for (let round = 0; round < PATIENCE_ROUNDS; round++) {
      const others = [...children(), ...this.processes()].filter((one) => one !== pid);
      if (others.length === 0) return;
      if (attempt('wait4', -1, null, WNOHANG, null) <= 0) sleep(1);
    }
    assert.fail(`processes are left: ${[...children(), ...this.processes()].join(', ')}`);
  }

  [Symbol.dispose](): void {
    this.remove();
    removeTree(AT.FDCWD, this.folder);
  }
}

function children(): readonly number[] {
  const text = readText(`/proc/self/task/${sys('getpid')}/children`);
  return text.split(' ').filter(Boolean).map(Number);
}

export function openDescriptors(): number {
  return readDirectory('/proc/self/fd').length;
}

export function endProcess(pid: number): void {
  attempt('kill', pid, SIGNAL.KILL);
  waitFor(pid);
}

function copyFile(from: string, to: string): void {
  using source = openFile(from, O.RDONLY);
  using target = openFile(to, O.WRONLY | O.CREAT | O.EXCL, 0o755);
  writeAll(target.number, readAll(source.number));
}

const PROFILE = {
  defaultAction: 'SCMP_ACT_ALLOW',
  architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
  syscalls: [{ names: ['keyctl', 'bpf'], action: 'SCMP_ACT_ERRNO' }],
};

/** Every kind of step that needs nothing of the host. */
export function configOf(id: string, isMapped: boolean): object {
  const mapping = [{ containerID: 0, hostID: 0, size: 65_536 }];
  const types = ['pid', 'network', 'ipc', 'uts', 'mount', 'cgroup', ...(isMapped ? ['user'] : [])];
  const namespaces = types.map((type) => ({ type }));
  return {
    ociVersion: '1.0.2',
    hostname: 'trial',
    process: {
      args: ['/bin/sleep', '1000'],
      cwd: '/work',
      user: { uid: 0, gid: 0 },
      capabilities: {
        bounding: ['CAP_KILL'],
        permitted: ['CAP_KILL'],
        inheritable: ['CAP_KILL'],
        ambient: ['CAP_KILL'],
      },
      rlimits: [{ type: 'RLIMIT_CORE', soft: 0, hard: 0 }],
      noNewPrivileges: !isMapped,
      oomScoreAdj: 10,
    },
    root: { path: 'rootfs', readonly: true },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['mode=755'] },
      {
        destination: '/dev/pts',
        type: 'devpts',
        source: 'devpts',
        options: ['newinstance', 'ptmxmode=0666'],
      },
      { destination: '/bound', source: '/etc', options: ['rbind', 'rro', 'rprivate'] },
      { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['ro'] },
    ],
    linux: {
      cgroupsPath: `/${id}`,
      namespaces,
      ...(isMapped ? { uidMappings: mapping, gidMappings: mapping, seccomp: PROFILE } : {}),
      resources: {
        pids: { limit: 10 },
        memory: { limit: 1 << 28 },
        devices: [{ allow: false, access: 'rwm' }],
      },
      maskedPaths: ['/proc/kcore', '/proc/scsi'],
      readonlyPaths: ['/proc/sys'],
    },
  };
}
