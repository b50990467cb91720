import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Debian's crun refuses a hybrid host, so for it the v2 part is put out of sight. */
const HIDE_UNIFIED =
  'if umount /sys/fs/cgroup/unified 2>/dev/null; then mount -t tmpfs tmpfs /sys/fs/cgroup/unified; fi; ';

/** A mount namespace that a keeper process holds: what an engine mounts in it goes with it. */
export class MountNamespace {
  readonly #keeper: ChildProcess;

  readonly #folder: string;

  private constructor(keeper: ChildProcess, folder: string) {
    this.#keeper = keeper;
    this.#folder = folder;
  }

  /** `folder` is where commands run: conmon leaves files there. */
  static async make(runtime: string, folder: string): Promise<MountNamespace> {
    const script = `${runtime === 'crun' ? HIDE_UNIFIED : ''}echo made; exec sleep infinity`;
    const keeper = spawn('unshare', ['-m', '--propagation', 'private', 'sh', '-c', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    assert.ok(keeper.stdout !== null);
    const [made] = (await once(keeper.stdout, 'data')) as [Buffer];
    assert.equal(String(made), 'made\n');
    keeper.stdout.destroy();
    return new MountNamespace(keeper, folder);
  }

  /** The command that runs another one in the namespace. */
  around(command: readonly string[]): readonly string[] {
    return ['nsenter', `--mount=/proc/${this.#keeper.pid}/ns/mnt`, 'env', '-C', this.#folder, ...command];
  }

  async end(): Promise<void> {
    const ended = once(this.#keeper, 'exit');
    this.#keeper.kill('SIGKILL');
    await ended;
  }
}
