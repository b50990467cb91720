import { SysError, attempt, sys } from '../../kernel/call.ts';
import { AT, O } from '../../kernel/constants.ts';
import { errnoName } from '../../kernel/errno.ts';
import { openFile, type Fd } from '../../kernel/files.ts';
import { attachMount } from '../../kernel/mounts.ts';
import { copyOfMount } from '../mounts/mount-call.ts';
import { snapshotError } from '../errors.ts';
import { inPrivateNamespace } from '../mounts/private-namespace.ts';
import { UPPER_FOLDER, WORK_FOLDER } from '../mounts/upper.ts';

/** A detached mount, or a directory of the host. */
export type Lower = { readonly mount: Fd } | { readonly path: string };

export interface PathOverlay {
  /** Bottom first. */
  readonly lowers: readonly Lower[];
  /** The container's directory, which holds upper and work; without it the overlay is read-only. */
  readonly directory?: string | Fd;
  readonly isVolatile: boolean;
  readonly isUserXattr: boolean;
}

/** Any directory that is surely there: the namespace in which it is covered is our own. */
const PLACES = ['/sys', '/tmp', '/run', '/dev', '/mnt'];

/**
 * An overlay for kernels that take layers by path alone (before Linux 6.15): they are attached in a mount namespace
 * that lives as long as this call, after which they can be attached nowhere else. The answer: two detached mounts of
 * the overlay.
 */
export function overlayByPath(request: PathOverlay): readonly Fd[] {
  return inPrivateNamespace(() => {
    // Copies are taken before anything covers their paths.
    const sources = request.lowers.map((lower) => ('mount' in lower ? lower.mount : clone(lower.path)));
    const container =
      request.directory === undefined || typeof request.directory !== 'string'
        ? request.directory
        : clone(request.directory);
    enterScratch();
    sources.forEach((source, index) => attach(source, `${index}`));
    if (container !== undefined) attach(container, 'container');
    sys('mkdir', 'merged', 0o755);
    mountAtMerged(request);
    return [copyOfMount(AT.FDCWD, 'merged', false), copyOfMount(AT.FDCWD, 'merged', false)];
  });
}

function clone(path: string): Fd {
  return copyOfMount(AT.FDCWD, path, false);
}

/** A tmpfs as working directory: relative paths keep within mount(2)'s one page for 499 layers. */
function enterScratch(): void {
  for (const place of PLACES) {
    if (attempt('mount', 'tmpfs', place, 'tmpfs', 0, 'mode=700') < 0) continue;
    sys('chdir', place);
    return;
  }
  sys('mount', 'tmpfs', PLACES[0] ?? '/', 'tmpfs', 0, 'mode=700');
}

function attach(source: Fd, name: string): void {
  sys('mkdir', name, 0o755);
  using target = openFile(name, O.PATH | O.DIRECTORY);
  attachMount(source.number, target.number);
}

function mountAtMerged({ lowers, directory, isVolatile, isUserXattr }: PathOverlay): void {
  const names = lowers.map((_, index) => index).toReversed();
  const options = [
    `lowerdir=${names.join(':')}`,
    ...(directory === undefined
      ? []
      : [`upperdir=container/${UPPER_FOLDER}`, `workdir=container/${WORK_FOLDER}`]),
    'index=off',
    'metacopy=off',
    ...(isVolatile ? ['volatile'] : []),
    ...(isUserXattr ? ['userxattr'] : []),
  ];
  const result = attempt('mount', 'overlay', 'merged', 'overlay', 0, options.join(','));
  if (result === 0) return;
  const text = `Mount the overlay of the container: ${errnoName(-result)}`;
  throw snapshotError('SNAPSHOT_OVERLAY_REFUSED', text, new SysError('mount', -result, 'merged'));
}
