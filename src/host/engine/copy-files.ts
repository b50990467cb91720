import { TarReader } from '../../pure/archive/tar-reader.ts';
import { toContainer, toHost } from '../../pure/spec/id-shift.ts';
import { retry } from '../kernel/call.ts';
import type { Places } from '../monitor/places.ts';
import { packNode, type Packing } from '../snapshot/pack-node.ts';
import { ContainerSpace } from './copy/container-space.ts';
import type { Keeping } from './copy/describe.ts';
import { resolveSource, resolveTarget, type Source, type Target } from './copy/resolve.ts';
import { HOST, type Space } from './copy/space.ts';
import { TreePlacer } from './copy/tree-placer.ts';
import { engineError } from './errors.ts';
import { recordEvent } from './record-event.ts';
import type { Roots } from './roots.ts';
import { whileThere } from './while-there.ts';

const PIECE = 1 << 17;

/** One end of a copy: a path of the host, a path of a container, or a tar archive as an open file or pipe. */
export type CopyEnd =
  | { readonly kind: 'host'; readonly path: string }
  | { readonly kind: 'container'; readonly places: Places; readonly path: string }
  | { readonly kind: 'archive'; readonly fd: number };

export interface CopyRequest {
  readonly from: CopyEnd;
  readonly to: CopyEnd;
  /** Whether a link at the end of the source is followed. */
  readonly followsLink: boolean;
  /** Whether owners and all else go along. */
  readonly isArchive: boolean;
  readonly warn: (message: string) => void;
}

/**
 * Copies files between host and containers, running or not; nothing that a container mounted is entered. Throws
 * ENGINE_COPY_PATH_MISSING, ENGINE_COPY_CONFLICT, ENGINE_COPY_ENTRY_INVALID, ENGINE_COPY_READ_ONLY and what
 * leaseRootfs() throws. What was copied before a failure stays.
 */
export function copyFiles(roots: Roots, request: CopyRequest): void {
  const { from, to } = request;
  const copy = (): void => copyBetween(roots, request);
  const andTo = to.kind === 'container' ? () => whileThere(to.places, copy) : copy;
  if (from.kind === 'container') whileThere(from.places, andTo);
  else andTo();
}

function copyBetween(roots: Roots, request: CopyRequest): void {
  const { from, to } = request;
  using opened = new OpenedSpaces(roots);
  note(from, 'archive-path');
  note(to, 'extract-to-dir');
  if (from.kind === 'archive') {
    if (to.kind === 'archive') throw engineError('ENGINE_COPY_CONFLICT', 'One end of a copy is a container');
    return placeArchive(from.fd, opened.target(to), { request, to });
  }
  const { space, path } = opened.of(from, 'read');
  const source = resolveSource(space, path, request.followsLink);
  using _directory = source.directory;
  if (to.kind === 'archive') {
    packNode({ ...packing(source, space), as: encodeName(source.base) }, to.fd);
    return;
  }
  place({ source, space }, opened.target(to), { request, to });
}

function note(end: CopyEnd, action: string): void {
  if (end.kind === 'container') recordEvent(end.places, action, { path: end.path });
}

/** The containers of a copy, open until it is over. */
class OpenedSpaces {
  readonly #roots: Roots;
  readonly #containers: ContainerSpace[] = [];

  constructor(roots: Roots) {
    this.#roots = roots;
  }

  of(
    end: Exclude<CopyEnd, { kind: 'archive' }>,
    access: 'read' | 'write',
  ): { readonly space: Space; readonly path: string } {
    if (end.kind === 'host') return { space: HOST, path: end.path };
    const container = new ContainerSpace(this.#roots, end.places, access);
    this.#containers.push(container);
    return container.find(end.path);
  }

  target(end: Exclude<CopyEnd, { kind: 'archive' }>): { readonly space: Space; readonly path: string } {
    const found = this.of(end, 'write');
    if (!found.space.isReadOnly) return found;
    const text = `${found.space.show(found.path)} is read-only in the container: copy to another place`;
    throw engineError('ENGINE_COPY_READ_ONLY', text);
  }

  [Symbol.dispose](): void {
    for (const container of this.#containers) container[Symbol.dispose]();
  }
}

interface Placement {
  readonly request: CopyRequest;
  readonly to: CopyEnd;
}

function place(
  { source, space }: { readonly source: Source; readonly space: Space },
  { space: targetSpace, path }: { readonly space: Space; readonly path: string },
  placement: Placement,
): void {
  const isDirectory = source.kind === 'directory';
  const target = resolveTarget(targetSpace, path, isDirectory);
  using directory = target.directory;
  if (isDirectory && target.isFile) {
    const text = `${targetSpace.show(path)} is a file, which no directory can replace: remove it first`;
    throw engineError('ENGINE_COPY_CONFLICT', text);
  }
  using placer = new TreePlacer(directory.number, optionsOf(targetSpace, placement));
  const reader = new TarReader(placer);
  packNode(
    { ...packing(source, space), as: nameAt(source, target) },
    { write: (piece) => reader.push(piece) },
  );
  reader.finish();
  placer.finish();
}

/** A directory that isn't there yet gets the target's name, whether itself or its content was named. */
function nameAt({ base }: Source, { as }: Target): Uint8Array {
  return encodeName(as ?? base);
}

function placeArchive(
  input: number,
  { space, path }: { readonly space: Space; readonly path: string },
  placement: Placement,
): void {
  const target = resolveTarget(space, path, false);
  using directory = target.directory;
  if (target.as !== undefined) {
    const text = `${space.show(path)} is no directory, and an archive is unpacked into one`;
    throw engineError(target.isFile ? 'ENGINE_COPY_CONFLICT' : 'ENGINE_COPY_PATH_MISSING', text);
  }
  using placer = new TreePlacer(directory.number, optionsOf(space, placement));
  const reader = new TarReader(placer);
  const buffer = new Uint8Array(PIECE);
  for (let count = -1; count !== 0;) {
    count = retry('read', input, buffer, PIECE);
    reader.push(buffer.subarray(0, count));
  }
  reader.finish();
  placer.finish();
}

function optionsOf(
  { isInPlace, ids }: Space,
  { request, to }: Placement,
): ConstructorParameters<typeof TreePlacer>[1] {
  const isForHost = to.kind === 'host';
  // An archive that a person gives says whose its files are.
  const isArchive = request.isArchive || request.from.kind === 'archive';
  const keeping: Keeping = { isArchive, isForHost, ids: ids && toHost(ids) };
  return { keeping, warn: request.warn, isInPlace };
}

function packing({ directory, name }: Source, { crossesMounts, ids }: Space): Omit<Packing, 'as'> {
  return { directory: directory.number, name, crossesMounts, ids: ids && toContainer(ids) };
}

function encodeName(text: string): Uint8Array {
  const terminated = bytes(text);
  return terminated.subarray(0, terminated.length - 1);
}
