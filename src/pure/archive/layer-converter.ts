import { isCortenError } from '../base/errors.ts';
import { archiveError, type ArchiveErrorCode } from './errors.ts';
import { ErofsWriter, type Meta, type Place, ROOT } from './erofs-writer.ts';
import { S_IFBLK, S_IFCHR, S_IFIFO, SYMLINK_MAX } from './erofs/format.ts';
import type { ImageFile } from './image-file.ts';
import { LayerTree, withoutOverlay } from './layer/layer-tree.ts';
import { checkName, isDot, splitPath } from './layer/split-path.ts';
import { isAufsName, isWhiteoutName, OPAQUE_NAME, WHITEOUT_PREFIX } from './layer/whiteout-name.ts';
import { type ArchiveLimits, DEFAULT_LIMITS } from './limits.ts';
import { nameText } from './name-text.ts';
import type { TarEntry } from './tar-entry.ts';
import { TarReader } from './tar-reader.ts';

export interface LayerConverterOptions {
  /** The EROFS images of the layers below, the bottom one first; empty for the bottom layer. finish() takes them too. */
  readonly lowers?: readonly ImageFile[];
  readonly limits?: Partial<ArchiveLimits>;
}

export interface ConvertedLayer {
  /** Bytes of the image. */
  readonly size: number;
  /** The image depends on the layers below: it names directories or links to files that only they have. */
  readonly usedLowers: boolean;
  /** Entries of the archive. */
  readonly entries: number;
}

const SLASH = 0x2f;

/**
 * Makes one EROFS image of one layer's tar (OCI image-spec layer.md) as overlayfs wants it. `.wh.NAME` becomes a
 * character device 0:0 and `.wh..wh..opq` an opaque directory; next to a real NAME of the same layer a whiteout
 * hides what NAME would merge with. Of duplicates the last wins, but a directory keeps its children. A leading
 * slash means the layer's root. Attributes that would speak to overlayfs are dropped, 0:0 devices refused.
 *
 * A layer may have entries in a directory that it does not have itself: that is described by the layers below. They
 * need not be known before finish().
 *
 * Errors are CortenError with a code of ARCHIVE_ERRORS that name the entry. ARCHIVE_NEEDS_LOWERS: a directory of the
 * layer turns out to be a symbolic link, or a hard link leads to a file, of the layers below; convert it again with
 * `lowers`. After an error the converter takes nothing more and the image is of no use.
 */
export class LayerConverter {
  readonly #limits: ArchiveLimits;
  readonly #reader: TarReader;
  readonly #writer: ErofsWriter;
  readonly #tree: LayerTree;
  #entries = 0;
  #wanted = false;
  // The parent of the last entry: most entries have the same one.
  #parentPath: Uint8Array | undefined;
  #parent = ROOT;
  #parentAge = 0;

  constructor(image: ImageFile, options: LayerConverterOptions = {}) {
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#writer = new ErofsWriter(image, this.#limits);
    this.#tree = new LayerTree(this.#writer, options.lowers);
    this.#reader = new TarReader(
      {
        entry: (entry) => this.#named(entry),
        data: (bytes) => {
          if (this.#wanted) this.#writer.data(bytes);
        },
        hole: (length) => {
          if (this.#wanted) this.#writer.hole(length);
        },
      },
      { maxHeader: this.#limits.headerBytes },
    );
  }

  /** Takes the next bytes of the tar stream, which are borrowed during the call. */
  push(bytes: Uint8Array): void {
    this.#reader.push(bytes);
  }

  /** Ends the stream; whether finish() needs the layers below, for which the converter can wait. */
  end(): boolean {
    this.#reader.finish();
    const isWaiting = this.#tree.needsLowers;
    // An opaque root is covered by whiteouts, whose inode lies among the others.
    if (isWaiting && !this.#writer.isOpaque(ROOT)) this.#writer.rest();
    return isWaiting;
  }

  /** Ends the stream and writes the rest of the image. */
  finish(lowers?: readonly ImageFile[]): ConvertedLayer {
    this.#reader.finish();
    if (lowers !== undefined) this.#tree.resolve(lowers);
    this.#tree.requireLowers();
    if (this.#writer.isOpaque(ROOT)) this.#tree.coverRoot();
    const { size } = this.#writer.finish();
    return { size, usedLowers: this.#tree.usesLowers, entries: this.#entries };
  }

  #named(entry: TarEntry): void {
    try {
      this.#entry(entry);
    } catch (error) {
      if (!isCortenError(error)) throw error;
      const message = `Entry ${nameText(entry.path)} of the layer: ${error.message}`;
      throw archiveError(error.code as ArchiveErrorCode, message, { cause: error });
    }
  }

  #entry(entry: TarEntry): void {
    this.#wanted = false;
    if (++this.#entries > this.#limits.entries) {
      throw archiveError('ARCHIVE_LIMIT', `There are more than ${this.#limits.entries} entries`);
    }
    const place = this.#place(entry.path);
    if (place === 'ignored') return;
    const meta = this.#meta(entry);
    if (place === 'root') {
      if (entry.type !== 'directory')
        throw archiveError('ARCHIVE_ENTRY_INVALID', 'The root must be a directory');
      this.#writer.describe(ROOT, meta);
    } else if (isWhiteoutName(place.name)) this.#whiteout(place);
    else this.#put(entry, place, meta);
  }

  #put(entry: TarEntry, place: Place, meta: Meta): void {
    switch (entry.type) {
      case 'file':
        this.#writer.file(place, meta, entry.size);
        this.#wanted = true;
        break;
      case 'directory':
        this.#writer.directory(place, meta);
        break;
      case 'symlink':
        checkTarget(entry.link);
        this.#writer.symlink(place, meta, entry.link);
        break;
      case 'hardlink':
        this.#tree.link(place, splitPath(entry.link, this.#limits));
        break;
      case 'fifo':
        this.#writer.special(place, { ...meta, mode: meta.mode | S_IFIFO }, entry.device);
        break;
      case 'character':
      case 'block': {
        checkDevice(entry);
        const type = entry.type === 'block' ? S_IFBLK : S_IFCHR;
        this.#writer.special(place, { ...meta, mode: meta.mode | type }, entry.device);
        break;
      }
    }
  }

  #whiteout({ directory, name }: Place): void {
    if (name.length === OPAQUE_NAME.length && OPAQUE_NAME.every((byte, i) => name[i] === byte)) {
      if (directory === ROOT) this.#tree.needLowers('what it hides in the root');
      this.#writer.setOpaque(directory);
      return;
    }
    const place = { directory, name: name.subarray(WHITEOUT_PREFIX.length) };
    if (place.name.length === 0 || isDot(place.name)) {
      throw archiveError('ARCHIVE_PATH_UNSAFE', 'A whiteout names no file');
    }
    checkName(place.name);
    const entry = this.#writer.find(place);
    if (entry < 0) this.#writer.whiteout(place);
    else if (this.#writer.directoryOf(entry) >= 0) this.#writer.setOpaque(this.#writer.directoryOf(entry));
  }

  /** Where an entry goes: 'root' for the root itself, 'ignored' for what aufs keeps for itself. */
  #place(path: Uint8Array): Place | 'root' | 'ignored' {
    let end = path.length;
    while (end > 0 && path[end - 1] === SLASH) end--;
    const cut = end === 0 ? 0 : path.lastIndexOf(SLASH, end - 1) + 1;
    const name = path.subarray(cut, end);
    if (end === 0 || end > this.#limits.pathBytes || isDot(name) || !this.#sameParent(path, cut)) {
      return this.#findPlace(path, cut);
    }
    checkName(name);
    return isAufsName(name) ? 'ignored' : { directory: this.#parent, name };
  }

  #findPlace(path: Uint8Array, cut: number): Place | 'root' | 'ignored' {
    const names = splitPath(path, this.#limits);
    const name = names.pop();
    if (name === undefined) return 'root';
    if (isAufsName(name) || names.some(isAufsName)) return 'ignored';
    if (names.some(isWhiteoutName))
      throw archiveError('ARCHIVE_PATH_UNSAFE', 'A whiteout has entries below it');
    const directory = this.#tree.directory(names);
    if (names.length > 0) {
      this.#parentPath = path.subarray(0, cut);
      this.#parent = directory;
      this.#parentAge = this.#writer.replaced;
    }
    return { directory, name };
  }

  #sameParent(path: Uint8Array, cut: number): boolean {
    const known = this.#parentPath;
    if (known === undefined || known.length !== cut || this.#parentAge !== this.#writer.replaced)
      return false;
    for (let i = cut - 1; i >= 0; i--) if (known[i] !== path[i]) return false;
    return true;
  }

  #meta(entry: TarEntry): Meta {
    const { mode, uid, gid, mtime } = entry;
    let bytes = 0;
    for (const [name, value] of entry.xattrs) bytes += name.length + value.length;
    if (bytes > this.#limits.xattrBytes) {
      throw archiveError(
        'ARCHIVE_LIMIT',
        `The extended attributes have more than ${this.#limits.xattrBytes} bytes`,
      );
    }
    return { mode, uid, gid, mtime, xattrs: withoutOverlay(entry.xattrs) };
  }
}

function checkTarget(target: Uint8Array): void {
  if (target.length === 0) throw archiveError('ARCHIVE_ENTRY_INVALID', 'A symbolic link has no target');
  if (target.length > SYMLINK_MAX) {
    throw archiveError('ARCHIVE_LIMIT', `A symbolic link has a target of more than ${SYMLINK_MAX} bytes`);
  }
  if (target.includes(0))
    throw archiveError('ARCHIVE_PATH_UNSAFE', 'The target of a symbolic link holds a NUL byte');
}

function checkDevice({ type, device }: TarEntry): void {
  const { major, minor } = device;
  if (major < 0 || major > 0xfff || minor < 0 || minor > 0xfffff) {
    throw archiveError('ARCHIVE_ENTRY_INVALID', `Linux has no device ${major}:${minor}`);
  }
  if (type === 'character' && major === 0 && minor === 0) {
    throw archiveError('ARCHIVE_DEVICE_REFUSED', 'A character device 0:0 would be a whiteout to overlayfs');
  }
}
