import { archiveError } from '../errors.ts';
import { type ErofsWriter, type Meta, PLAIN_META, type Place, ROOT } from '../erofs-writer.ts';
import { S_IFMT, TYPE_DIRECTORY, TYPE_FILE, TYPE_SYMLINK, typeOfMode } from '../erofs/format.ts';
import type { ImageFile } from '../image-file.ts';
import { nameText } from '../name-text.ts';
import { type LowerInode, LowerStack } from '../lower-stack.ts';
import { isDot, isDotDot, splitNames } from './split-path.ts';

/** As many as Linux follows (MAXSYMLINKS). */
const MAX_LINKS = 40;
const MAX_STEPS = 8192;
const SLASH = 0x2f;
const COPY = 1 << 18;

/** A directory of the layer and how it is reached from the root, symbolic links resolved. */
interface Position {
  readonly directories: number[];
  readonly names: Uint8Array[];
}

/** A directory that the layers below may describe, or have a symbolic link for. */
interface Unresolved {
  readonly directory: number;
  readonly names: readonly Uint8Array[];
}

/**
 * Finds places in the layer under construction, with what lies below where the layer itself does not tell. As long as
 * the layers below aren't known, what is missing is taken for a directory, which resolve() proves.
 */
export class LayerTree {
  readonly #writer: ErofsWriter;
  #lowerImages: readonly ImageFile[] | undefined;
  #lowers: LowerStack | undefined;
  readonly #unresolved: Unresolved[] = [];
  /** What the layers below are needed for, in words. */
  #need: string | undefined;

  constructor(writer: ErofsWriter, lowers: readonly ImageFile[] | undefined) {
    this.#writer = writer;
    this.#lowerImages = lowers;
  }

  /** Whether the layers below have, or have had, to be asked. */
  get usesLowers(): boolean {
    return this.#need !== undefined;
  }

  /** Whether they are needed and not known. */
  get needsLowers(): boolean {
    return this.usesLowers && this.#lowerImages === undefined;
  }

  /** Throws ARCHIVE_NEEDS_LOWERS if they are. */
  requireLowers(): void {
    if (this.#need !== undefined && this.#lowerImages === undefined) throw needsLowers(this.#need);
  }

  /**
   * Describes the directories that were taken for such. Throws ARCHIVE_NEEDS_LOWERS where one is a symbolic link in the
   * layers below: then its entries are in the wrong place.
   */
  resolve(lowers: readonly ImageFile[]): void {
    this.#lowerImages = lowers;
    for (const { directory, names } of this.#unresolved.splice(0)) {
      const lower = this.#lower(textOf(names)).lookup(names);
      const type = typeOfMode(lower?.inode.mode ?? 0);
      if (type === TYPE_SYMLINK) throw needsLowers(textOf(names));
      if (lower !== undefined && type === TYPE_DIRECTORY)
        this.#writer.describeImplied(directory, metaOf(lower));
    }
  }

  /**
   * The directory that the names lead to, as an extracting program would find it: through symbolic links inside
   * the layer, never above its root. What is missing is made, like the lower layers have it.
   */
  directory(names: readonly Uint8Array[]): number {
    return this.#walk(names).directories.at(-1) ?? ROOT;
  }

  /** Links a place to what another path names, which may be a file of a lower layer: that is copied up. */
  link(place: Place, target: readonly Uint8Array[]): void {
    const name = target.at(-1);
    if (name === undefined) throw archiveError('ARCHIVE_ENTRY_INVALID', 'A hard link to the root');
    const position = this.#walk(target.slice(0, -1));
    const source = { directory: position.directories.at(-1) ?? ROOT, name };
    let entry = this.#writer.find(source);
    if (entry < 0) {
      this.#copyUp(source, position);
      entry = this.#writer.find(source);
    }
    if (entry < 0 || this.#writer.isWhiteout(entry)) {
      throw archiveError('ARCHIVE_LINK_MISSING', `A hard link to ${textOf(target)}, which is nowhere`);
    }
    if (this.#writer.directoryOf(entry) >= 0) {
      throw archiveError('ARCHIVE_ENTRY_INVALID', `A hard link to the directory ${textOf(target)}`);
    }
    this.#writer.link(place, entry);
  }

  /** Hides all of the lower layers: overlayfs knows no opaque root, so each of their names there is covered. */
  coverRoot(): void {
    for (const name of this.#lower('the whole root to be hidden').list([])) {
      const place = { directory: ROOT, name };
      const entry = this.#writer.find(place);
      if (entry < 0) this.#writer.whiteout(place);
      else if (this.#writer.directoryOf(entry) >= 0) this.#writer.setOpaque(this.#writer.directoryOf(entry));
    }
  }

  /** The layers below decide what the layer is. */
  needLowers(what: string): void {
    this.#need ??= what;
  }

  #walk(names: readonly Uint8Array[]): Position {
    const position: Position = { directories: [], names: [] };
    const pending = names.toReversed();
    let links = 0;
    for (let steps = 0; pending.length > 0; steps++) {
      const name = pending.pop();
      if (name === undefined || isDot(name)) continue;
      if (isDotDot(name)) {
        position.directories.pop();
        position.names.pop();
        continue;
      }
      const target = this.#step(position, name);
      if (target === undefined) continue;
      if (++links > MAX_LINKS || steps > MAX_STEPS) {
        throw archiveError(
          'ARCHIVE_PATH_UNSAFE',
          `The symbolic links of the path ${textOf(names)} have no end`,
        );
      }
      if (target[0] === SLASH) {
        position.directories.length = 0;
        position.names.length = 0;
      }
      for (const next of splitNames(target).toReversed()) pending.push(next);
    }
    return position;
  }

  /** Goes into a directory; the answer is the target if the name is that of a symbolic link instead. */
  #step(position: Position, name: Uint8Array): Uint8Array | undefined {
    const writer = this.#writer;
    const place = { directory: position.directories.at(-1) ?? ROOT, name };
    const entry = writer.find(place);
    let directory = entry < 0 ? -1 : writer.directoryOf(entry);
    if (entry >= 0 && writer.isSymlink(entry)) return writer.readLink(entry);
    if (entry >= 0 && directory < 0 && !writer.isWhiteout(entry)) {
      const path = textOf([...position.names, name]);
      throw archiveError('ARCHIVE_ENTRY_INVALID', `${path} is no directory in this layer, but has entries`);
    }
    if (directory < 0) {
      const isOpen = entry < 0 && !this.#isHidden(position);
      if (isOpen && this.#lowerImages === undefined)
        directory = this.#assume(place, [...position.names, name]);
      else {
        const lower = isOpen ? this.#below(position, name) : undefined;
        const type = typeOfMode(lower?.inode.mode ?? 0);
        if (lower !== undefined && type === TYPE_SYMLINK) return lower.reader.readlink(lower.inode);
        const meta = lower !== undefined && type === TYPE_DIRECTORY ? metaOf(lower) : PLAIN_META;
        directory = writer.impliedDirectory(place, meta);
      }
    }
    position.directories.push(directory);
    position.names.push(name);
    return undefined;
  }

  /** A directory that only the layers below, when they are known, can tell of. */
  #assume(place: Place, names: readonly Uint8Array[]): number {
    this.#need ??= textOf(names);
    const directory = this.#writer.impliedDirectory(place, PLAIN_META);
    this.#unresolved.push({ directory, names: names.map((name) => name.slice()) });
    return directory;
  }

  /** Whether this layer hides what the lower ones have at a position. */
  #isHidden({ directories }: Position): boolean {
    return this.#writer.isOpaque(ROOT) || directories.some((directory) => this.#writer.isOpaque(directory));
  }

  /** What the lower layers have by a name that this one lacks, unless this one hides it. */
  #below(position: Position, name: Uint8Array): LowerInode | undefined {
    if (this.#isHidden(position)) return undefined;
    const names = [...position.names, name];
    return this.#lower(textOf(names)).lookup(names);
  }

  #lower(what: string): LowerStack {
    this.#need ??= what;
    if (this.#lowerImages === undefined) throw needsLowers(what);
    this.#lowers ??= new LowerStack(this.#lowerImages);
    return this.#lowers;
  }

  #copyUp(place: Place, position: Position): void {
    const lower = this.#below(position, place.name);
    if (lower === undefined) return;
    const { reader, inode } = lower;
    const type = typeOfMode(inode.mode);
    if (type === TYPE_DIRECTORY) return;
    if (type === TYPE_SYMLINK) this.#writer.symlink(place, metaOf(lower), reader.readlink(inode));
    else if (type === TYPE_FILE) this.#copyFile(place, lower);
    else this.#writer.special(place, { ...metaOf(lower), mode: inode.mode }, inode.device);
  }

  #copyFile(place: Place, lower: LowerInode): void {
    const { reader, inode } = lower;
    this.#writer.file(place, metaOf(lower), inode.size);
    const buffer = new Uint8Array(Math.min(COPY, inode.size));
    for (let offset = 0; offset < inode.size; offset += COPY) {
      const piece = buffer.subarray(0, Math.min(COPY, inode.size - offset));
      reader.read(inode, piece, offset);
      this.#writer.data(piece);
    }
  }
}

function needsLowers(what: string): Error {
  const text = `The layer has no entry for ${what}, so it needs the layers below`;
  return archiveError('ARCHIVE_NEEDS_LOWERS', text);
}

/** What an inode of a lower layer says, without the marks that are about that layer. */
function metaOf({ reader, inode }: LowerInode): Meta {
  const { uid, gid, mtime, mode } = inode;
  const xattrs = withoutOverlay(reader.xattrs(inode));
  return { mode: mode & ~S_IFMT, uid, gid, mtime, xattrs };
}

/** Attributes that overlayfs takes as orders: an archive must not give it any. */
export function withoutOverlay(xattrs: ReadonlyMap<string, Uint8Array>): ReadonlyMap<string, Uint8Array> {
  if (xattrs.size === 0) return xattrs;
  return new Map([...xattrs].filter(([name]) => !/^(?:trusted|user)\.overlay\./.test(name)));
}

function textOf(names: readonly Uint8Array[]): string {
  const length = names.reduce((sum, name) => sum + name.length + 1, -1);
  const path = new Uint8Array(Math.max(0, length)).fill(SLASH);
  let at = 0;
  for (const name of names) {
    path.set(name, at);
    at += name.length + 1;
  }
  return nameText(path);
}
