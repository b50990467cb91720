import { attempt, SysError } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { Fd, openFile } from '../../kernel/files.ts';
import { openInRoot, tryOpenInRoot } from '../../kernel/mounts.ts';
import type { Places } from '../../monitor/places.ts';
import { dataPath } from '../../volume/volume-places.ts';
import { engineError } from '../errors.ts';
import { ETC_FILES } from '../files/etc-files.ts';
import { leaseRootfs, type RootfsLease } from '../lease-rootfs.ts';
import type { Roots } from '../roots.ts';
import type { Volume } from '../run-request.ts';
import { spaceBelow, type Space } from './space.ts';

const PATH_MAX = 4096;

/** What the engine itself shows in a container: nothing else that is mounted there is ever entered. */
interface Shown {
  /** A path of the host; undefined for what only the container's own programs see. */
  readonly source: string | undefined;
  /** Below the source, in the container's hands as all that is there. */
  readonly subpath: string | undefined;
  readonly destination: string;
  readonly isReadOnly: boolean;
}

export interface FoundSpace {
  readonly space: Space;
  /** The path in it. */
  readonly path: string;
}

/** A container's files, with its volumes. */
export class ContainerSpace {
  readonly #name: string;
  readonly #lease: RootfsLease;
  readonly #shown: readonly Shown[];
  readonly #opened: Fd[] = [];

  constructor(roots: Roots, places: Places, access: 'read' | 'write') {
    this.#name = places.name;
    this.#lease = leaseRootfs(roots, places, access);
    const { config } = this.#lease;
    const etc = config.rootfs === undefined ? ETC_FILES : [];
    this.#shown = [
      ...config.volumes.map((volume) => shownBy(roots, volume)),
      ...etc.map((name) => ownFile(`${places.directory}/${name}`, `/etc/${name}`)),
    ];
  }

  /** Where a path of the container lies: in one of its volumes, or in its root file system. */
  find(path: string): FoundSpace {
    const absolute = normal(path);
    const volume = this.#volumeOf(absolute) ?? this.#volumeOf(this.#real(absolute));
    // What says how a path ends is about its last name.
    const end = /(?:\/|\/\.)$/.exec(path)?.[0] ?? '';
    if (volume !== undefined) return this.#inVolume(volume.shown, `${volume.rest}${end}`);
    const { config, ids } = this.#lease;
    const space = spaceBelow(this.#lease.root, {
      shown: `${this.#name}:`,
      isReadOnly: config.isReadOnly,
      ids,
    });
    return { space, path: path.startsWith('/') ? path : `/${path}` };
  }

  [Symbol.dispose](): void {
    for (const fd of this.#opened) fd.close();
    this.#lease[Symbol.dispose]();
  }

  #volumeOf(path: string): { readonly shown: Shown; readonly rest: string } | undefined {
    const [shown] = this.#shown
      .filter(({ destination }) => path === destination || path.startsWith(`${destination}/`))
      .toSorted((a, b) => b.destination.length - a.destination.length);
    return shown === undefined ? undefined : { shown, rest: path.slice(shown.destination.length) };
  }

  /** The path after its links, as far as it is there. */
  #real(path: string): string {
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
      const result = tryOpenInRoot(this.#lease.root.number, path.slice(0, end), O.PATH);
      if (result < 0) continue;
      using found = new Fd(result);
      const buffer = new Uint8Array(PATH_MAX);
      const length = attempt('readlink', `/proc/self/fd/${found.number}`, buffer, buffer.length);
      const real = utf8(buffer, 0, Math.max(0, length));
      return `${real === '/' ? '' : real}${path.slice(end)}`;
    }
    return path;
  }

  #inVolume({ source, subpath, destination, isReadOnly }: Shown, rest: string): FoundSpace {
    if (source === undefined) {
      const text = `${this.#name}:${destination} is a file system that only the container's own programs see: use corten exec there`;
      throw engineError('ENGINE_COPY_UNREACHABLE', text);
    }
    const root = openSource(source, subpath);
    if (root !== undefined) {
      this.#opened.push(root);
      const space = spaceBelow(root, { shown: `${this.#name}:${destination}`, isReadOnly });
      return { space, path: rest === '' ? '/' : rest };
    }
    // A single file: it is found in its own directory, and stays the file that is mounted.
    const cut = source.lastIndexOf('/');
    const above = openFile(source.slice(0, cut) || '/', O.PATH | O.DIRECTORY);
    this.#opened.push(above);
    const shown = `${this.#name}:${destination.slice(0, destination.lastIndexOf('/'))}`;
    const space = spaceBelow(above, { shown, isReadOnly, isInPlace: true });
    return { space, path: `/${source.slice(cut + 1)}${rest}` };
  }
}

function shownBy({ store }: Roots, { type, source, destination, isReadOnly, options }: Volume): Shown {
  const path = type === 'bind' ? source : type === 'volume' ? dataPath(store, source) : undefined;
  return { source: path, subpath: options?.subpath, destination, isReadOnly };
}

function ownFile(source: string, destination: string): Shown {
  return { source, subpath: undefined, destination, isReadOnly: false };
}

/** undefined for a source that is a file. */
function openSource(source: string, subpath: string | undefined): Fd | undefined {
  if (subpath !== undefined) {
    using whole = openFile(source, O.PATH | O.DIRECTORY);
    return openInRoot(whole.number, subpath, O.PATH | O.DIRECTORY);
  }
  const result = attempt('open', source, O.PATH | O.DIRECTORY | O.CLOEXEC, 0);
  if (result >= 0) return new Fd(result);
  if (attempt('access', source, 0) === 0) return undefined;
  if (result === -2) {
    const text = `The volume's source ${source} is not there any more`;
    throw engineError('ENGINE_COPY_PATH_MISSING', text, new SysError('open', -result, source));
  }
  throw new SysError('open', -result, source);
}

/** Absolute, without doubled slashes, `.` and `..`: for comparing alone, the kernel resolves the path itself. */
function normal(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
