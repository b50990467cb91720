import { attempt } from '../../kernel/call.ts';
import { FSCONFIG, FSMOUNT_CLOEXEC, FSOPEN_CLOEXEC } from '../../kernel/constants.ts';
import { Fd } from '../../kernel/files.ts';
import { mountCall } from './mount-call.ts';

/** One file system in the making (fsopen(2), since Linux 5.2): parameters, then one detached mount. */
export class FileSystemContext {
  readonly #fd: Fd;

  constructor(type: string) {
    this.#fd = new Fd(mountCall('fsopen', type, FSOPEN_CLOEXEC));
  }

  setFlag(key: string): void {
    mountCall('fsconfig', this.#fd.number, FSCONFIG.SET_FLAG, key, null, 0);
  }

  setString(key: string, value: string): void {
    mountCall('fsconfig', this.#fd.number, FSCONFIG.SET_STRING, key, value, 0);
  }

  /** A parameter by descriptor: 0 or -errno, since older kernels take some only as text. */
  trySetFd(key: string, fd: number): number {
    return attempt('fsconfig', this.#fd.number, FSCONFIG.SET_FD, key, null, fd);
  }

  /** 0 or -errno. */
  tryCreate(): number {
    return attempt('fsconfig', this.#fd.number, FSCONFIG.CMD_CREATE, null, null, 0);
  }

  /** The detached mount; `attributes` are MOUNT_ATTR_ flags. */
  mount(attributes: number): Fd {
    return new Fd(mountCall('fsmount', this.#fd.number, FSMOUNT_CLOEXEC, attributes));
  }

  /** What the file system said of its own, last line; empty where it said nothing. */
  lastMessage(): string {
    const buffer = new Uint8Array(512);
    let last = '';
    for (;;) {
      const length = attempt('read', this.#fd.number, buffer, buffer.length);
      if (length <= 0) return last;
      last = utf8(buffer, 0, length)
        .trim()
        .replace(/^[ewi] /, '');
    }
  }

  [Symbol.dispose](): void {
    this.#fd.close();
  }
}
