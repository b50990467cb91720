import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand, RUNT, type Outcome, type Running } from './programs.ts';

const MOUNTS = `mount -t overlay -o "lowerdir=$FOLDER/etc:/etc" overlay /etc
mount --bind "$RUNT" "$FOLDER/bin/runt"
[ "$HIDES" = 0 ] || { umount /sys/fs/cgroup/unified && mount -t tmpfs tmpfs /sys/fs/cgroup/unified; } 2>/dev/null
exec "$@"`;

const INSIDE = ['unshare', '-m', '--propagation', 'private', 'sh', '-c', MOUNTS, 'sh'] as const;

/** Somebody who isn't root: in mount namespaces where /etc has a user of that number with subordinate ids. */
export class OrdinaryUser {
  readonly uid = 54_321;
  readonly gid = 54_322;
  /** The first of 65,536 ids. */
  readonly firstId = 700_000;
  readonly name = 'corten-user';
  readonly folder: string;
  /** Nobody else may enter it. */
  readonly home: string;
  readonly runtimeDirectory: string;

  constructor() {
    // Short: podman's sockets lie below it, and their paths may have 107 bytes.
    this.folder = mkdtempSync(join(tmpdir(), 'u-'));
    chmodSync(this.folder, 0o755);
    this.home = join(this.folder, 'home');
    this.runtimeDirectory = join(this.folder, 'run');
    for (const name of ['etc', 'bin', 'home', 'run']) mkdirSync(join(this.folder, name));
    writeFileSync(join(this.folder, 'bin/runt'), '');
    this.#write('passwd', `${this.name}:x:${this.uid}:${this.gid}::${this.home}:/bin/sh`);
    this.#write('group', `${this.name}:x:${this.gid}:`);
    this.#write('subuid', `${this.name}:${this.firstId}:65536`, false);
    this.#write('subgid', `${this.name}:${this.firstId}:65536`, false);
    for (const path of [this.home, this.runtimeDirectory]) {
      this.own(path);
      chmodSync(path, 0o700);
    }
  }

  #write(name: string, line: string, goesOn = true): void {
    const path = `/etc/${name}`;
    const before = goesOn && existsSync(path) ? readFileSync(path, 'utf8') : '';
    writeFileSync(join(this.folder, 'etc', name), `${before}${line}\n`);
  }

  /** Gives the user a file or tree. */
  own(path: string): void {
    execFileSync('chown', ['-hR', `${this.uid}:${this.gid}`, path]);
  }

  /** What is executed in place of `words`; crun wants cgroups of one version alone. */
  command(words: readonly string[]): readonly string[] {
    const hides = words.some((word) => /(?:^|\/)crun$/.test(word)) ? '1' : '0';
    const who = [`--reuid=${this.uid}`, `--regid=${this.gid}`, '--clear-groups', '--inh-caps=-all'];
    const path = `${join(this.folder, 'bin')}:/usr/sbin:/usr/bin:/sbin:/bin`;
    const variables = [
      `PATH=${path}`,
      `HOME=${this.home}`,
      `USER=${this.name}`,
      `XDG_RUNTIME_DIR=${this.runtimeDirectory}`,
    ];
    return [
      'env',
      `FOLDER=${this.folder}`,
      `RUNT=${RUNT}`,
      `HIDES=${hides}`,
      ...INSIDE,
      'setpriv',
      ...who,
      'env',
      '-i',
      ...variables,
      ...words,
    ];
  }

  call(words: readonly string[], running: Running = {}): Outcome {
    return runCommand(this.command(words), { cwd: this.home, ...running });
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}
