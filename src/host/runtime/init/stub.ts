import { SysError, attempt, sys } from '../../kernel/call.ts';
import {
  AT,
  F,
  F_SEAL_ALL,
  FSCONFIG,
  FSMOUNT_CLOEXEC,
  FSOPEN_CLOEXEC,
  MFD,
  MOUNT_ATTR,
  O,
} from '../../kernel/constants.ts';
import { Fd, keptAfter, openAt, writeAll } from '../../kernel/files.ts';
import { setMountAttributes } from '../../kernel/mounts.ts';
import { cStrings } from '../../kernel/process.ts';

const EINVAL = -22;
const EXECUTABLE = 0o755;

/**
 * A file that executes the payload in our place, and that nobody can write: what /proc/self/exe names while the
 * payload is executed is this, never the runtime itself (CVE-2019-5736). Made before the container's cgroup is
 * joined, so its memory isn't the container's.
 */
export function makeStub(): Fd {
  return memoryFile() ?? fileOnOwnMount();
}

function memoryFile(): Fd | undefined {
  const flags = MFD.CLOEXEC | MFD.ALLOW_SEALING;
  let result = attempt('memfd_create', 'stub', flags | MFD.EXEC);
  // Before Linux 6.3 there was no MFD_EXEC, and every such file could be executed.
  if (result === EINVAL) result = attempt('memfd_create', 'stub', flags);
  if (result < 0) return undefined;
  return keptAfter(new Fd(result), ({ number }) => {
    writeAll(number, stub());
    sys('fcntl', number, F.ADD_SEALS, F_SEAL_ALL);
  });
}

/** Where memfd_create(2) is refused: a tmpfs without a place in any tree, read-only once the file is in it. */
function fileOnOwnMount(): Fd {
  using options = new Fd(sys('fsopen', 'tmpfs', FSOPEN_CLOEXEC));
  sys('fsconfig', options.number, FSCONFIG.CMD_CREATE, null, null, 0);
  using mount = new Fd(sys('fsmount', options.number, FSMOUNT_CLOEXEC, MOUNT_ATTR.NOSUID | MOUNT_ATTR.NODEV));
  {
    using file = openAt(mount.number, 'stub', O.WRONLY | O.CREAT | O.EXCL, EXECUTABLE);
    writeAll(file.number, stub());
    sys('fchmod', file.number, EXECUTABLE);
  }
  setMountAttributes(mount.number, { set: MOUNT_ATTR.RDONLY, clear: 0 });
  return openAt(mount.number, 'stub', O.RDONLY);
}

export interface Execution {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: readonly string[];
}

/** Never returns: this process becomes the stub, and the stub the program. */
export function execute(file: Fd, { program, args, env }: Execution): never {
  const argv = cStrings([program, ...args]);
  const envp = cStrings(env);
  const result = attempt('execveat', file.number, '', argv.pointers, envp.pointers, AT.EMPTY_PATH);
  throw new SysError('execveat', -result, program);
}
