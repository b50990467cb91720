import { readdirSync, readFileSync, readlinkSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { Engine } from './engine.ts';

const CGROUPS = '/sys/fs/cgroup';

/** An engine whose pods go with it. */
export class PodEngine extends Engine {
  /** The namespace of a kind that a container's program is in. */
  namespace(container: string, kind: string): string {
    return readlinkSync(`/proc/${this.ok('inspect', '-f', '{{.State.Pid}}', container)}/ns/${kind}`);
  }

  /** Processes of ours by what they are called. */
  monitors(name: string): readonly number[] {
    return readdirSync('/proc')
      .filter((pid) => /^\d+$/.test(pid))
      .filter((pid) => {
        const [program, state = ''] = textOf(`/proc/${pid}/cmdline`).split('\0');
        return program === name && state.includes(this.store);
      })
      .map(Number);
  }

  override traces(): readonly string[] {
    const ids = readIfThere(join(this.store, 'pods')).map((id) => `pod ${id}`);
    const names = readIfThere(join(this.store, 'pod-names')).map((name) => `pod name ${name}`);
    // They end a moment after the last of what they kept is gone.
    for (let tries = 0; tries < 100 && this.monitors('corten-pod').length > 0; tries++) pause(10);
    const monitors = this.monitors('corten-pod').map((pid) => `monitor of a pod ${pid}`);
    return [...super.traces(), ...ids, ...names, ...monitors];
  }

  /** An empty one that a test had made below the root. */
  removeCgroups(name: string): void {
    for (const place of ['', ...readdirSync(CGROUPS)]) {
      try {
        rmdirSync(join(CGROUPS, place, name));
      } catch {
        // Not in this hierarchy.
      }
    }
  }

  override [Symbol.dispose](): void {
    this.call(['pod', 'rm', '-fa']);
    super[Symbol.dispose]();
  }
}

function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

function readIfThere(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
