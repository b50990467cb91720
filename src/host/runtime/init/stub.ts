import { invariant } from '../../../pure/base/errors.ts';
import { SysError, attempt, sys } from '../../kernel/call.ts';
import { AT, F, F_SEAL_ALL, MFD, MOUNT_ATTR, O } from '../../kernel/constants.ts';
import { Fd, keptAfter, openAt, writeAll } from '../../kernel/files.ts';
import { newMount, setMountAttributes } from '../../kernel/mounts.ts';
import { cStrings } from '../../kernel/process.ts';

const EINVAL = -22;
const EXECUTABLE = 0o755;

/**
 * A file that executes the payload in our place, and that nobody can write: what /proc/self/exe names while the
 * payload is executed is this, never the runtime itself (CVE-2019-5736). Filled by a process that never joins the
 * container's cgroup, so its memory isn't the container's.
 */
export class Stub {
  readonly file: Fd;
  /** Where memfd_create(2) is refused: a tmpfs without a place in any tree. */
  readonly #mount: Fd | undefined;

  private constructor(file: Fd, mount?: Fd) {
    this.file = file;
    this.#mount = mount;
  }

  /** Empty yet: it has to be filled before whoever is forked from here on executes it. */
  static make(): Stub {
    const memory = memoryFile();
    if (memory !== undefined) return new Stub(memory);
    let file: Fd | undefined;
    const mount = keptAfter(makeMount(), (made) => (file = makeFile(made)));
    invariant(file !== undefined, 'the file is made with the mount');
    return new Stub(file, mount);
  }

  /** For good; with something else than the plain stub, where there is something to do before the payload. */
  fill(content: Uint8Array = stub()): void {
    if (this.#mount === undefined) {
      writeAll(this.file.number, content);
      sys('fcntl', this.file.number, F.ADD_SEALS, F_SEAL_ALL);
      return;
    }
    {
      using file = openAt(this.#mount.number, NAME, O.WRONLY);
      writeAll(file.number, content);
    }
    setMountAttributes(this.#mount.number, { set: MOUNT_ATTR.RDONLY, clear: 0 });
  }

  [Symbol.dispose](): void {
    this.file.close();
    this.#mount?.close();
  }
}

const NAME = 'stub';

function memoryFile(): Fd | undefined {
  const flags = MFD.CLOEXEC | MFD.ALLOW_SEALING;
  let result = attempt('memfd_create', NAME, flags | MFD.EXEC);
  // Before Linux 6.3 there was no MFD_EXEC, and every such file could be executed.
  if (result === EINVAL) result = attempt('memfd_create', NAME, flags);
  return result < 0 ? undefined : new Fd(result);
}

function makeMount(): Fd {
  const attributes = MOUNT_ATTR.NOSUID | MOUNT_ATTR.NODEV;
  return newMount({ type: 'tmpfs', parameters: {}, attributes });
}

/** Open for reading only: what is open for writing can't be executed. */
function makeFile(mount: Fd): Fd {
  {
    using file = openAt(mount.number, NAME, O.WRONLY | O.CREAT | O.EXCL, EXECUTABLE);
    sys('fchmod', file.number, EXECUTABLE);
  }
  return openAt(mount.number, NAME, O.RDONLY);
}

export interface Execution {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: readonly string[];
  /** A descriptor that stays open in the stub, which closes it. */
  readonly kept?: number | undefined;
}

/** Never returns: this process becomes the stub, and the stub the program. */
export function execute({ file }: Stub, { program, args, env, kept }: Execution): never {
  const argv = cStrings([program, ...args]);
  const envp = cStrings(env);
  if (kept !== undefined) sys('fcntl', kept, F.SETFD, 0);
  const result = attempt('execveat', file.number, '', argv.pointers, envp.pointers, AT.EMPTY_PATH);
  throw new SysError('execveat', -result, program);
}
