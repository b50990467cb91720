import { ErofsWriter, PLAIN_META, ROOT } from '../../../pure/archive/erofs-writer.ts';
import { latin1ToBytes } from '../../../pure/base/bytes.ts';
import { isCortenError } from '../../../pure/base/errors.ts';
import { attempt, isSysError, retry, sys } from '../../kernel/call.ts';
import { AT, LOCK, O } from '../../kernel/constants.ts';
import { ERRNO } from '../../kernel/errno.ts';
import { makeDirectories, openAt, openFile, type Fd } from '../../kernel/files.ts';
import { removeTree } from '../../kernel/remove-tree.ts';
import { fileSystemOf } from '../../kernel/stat.ts';
import { snapshotError } from '../errors.ts';
import type { MountedRootfs } from '../rootfs-request.ts';
import { HostImage } from '../unpack/host-image.ts';
import { mountRootfsAs } from './mount-as.ts';
import type { StoreForm } from './store-form.ts';

const PLACE = 'probe';
/** include/uapi/linux/magic.h, fs/smb/client/cifsglob.h, fs/ceph/super.h: files that other machines may change. */
const NETWORK: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'SMB'],
  [0xfe534d42, 'SMB'],
  [0x00c36400, 'Ceph'],
]);

/** Best first: fewest processes, then shared page cache, then anything that works. */
const FORMS: readonly StoreForm[] = [
  { layers: 'erofs-file', overlay: 'descriptors', isUserXattr: false },
  { layers: 'erofs-file', overlay: 'paths', isUserXattr: false },
  { layers: 'erofs-loop', overlay: 'descriptors', isUserXattr: false },
  { layers: 'erofs-loop', overlay: 'paths', isUserXattr: false },
  { layers: 'directory', overlay: 'descriptors', isUserXattr: false },
  { layers: 'directory', overlay: 'paths', isUserXattr: false },
  { layers: 'directory', overlay: 'descriptors', isUserXattr: true },
  { layers: 'directory', overlay: 'paths', isUserXattr: true },
];
const COPY: StoreForm = { layers: 'directory', overlay: 'none', isUserXattr: false };

/**
 * The best form in which this kernel makes root file systems from this store, found by making one of a tiny image and
 * changing a file in it. Throws SNAPSHOT_STORE_UNSUITABLE for a store that other machines could change.
 */
export function probeStore(store: string): StoreForm {
  refuseNetwork(store);
  makeDirectories(`${store}/${PLACE}`, 0o700);
  using above = openFile(store, O.RDONLY | O.DIRECTORY);
  {
    using place = openFile(`${store}/${PLACE}`, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
    retry('flock', place.number, LOCK.EX);
    const form = FORMS.find((one) => works(`${store}/${PLACE}`, one)) ?? COPY;
    removeTree(above.number, PLACE);
    return form;
  }
}

function refuseNetwork(store: string): void {
  const name = NETWORK.get(fileSystemOf(store));
  if (name === undefined) return;
  const text = `The store ${store} lies on ${name}, where neither its database nor an overlay is safe: name a store on a local disk by CORTEN_ROOT`;
  throw snapshotError('SNAPSHOT_STORE_UNSUITABLE', text);
}

function works(place: string, form: StoreForm): boolean {
  clear(place);
  for (const folder of ['layers', 'container', 'skeleton']) makeDirectories(`${place}/${folder}`, 0o755);
  const layer = `${place}/layers/probe.erofs`;
  writeImage(layer);
  using directory = openFile(`${place}/container`, O.RDONLY | O.DIRECTORY);
  let rootfs: MountedRootfs | undefined;
  try {
    rootfs = mountRootfsAs(form, {
      store: place,
      layers: [layer],
      skeleton: `${place}/skeleton`,
      directory: directory.number,
      isVolatile: false,
    });
    return canChange(rootfs.root);
  } catch (error) {
    if (!isCortenError(error) && !isSysError(error)) throw error;
    return false;
  } finally {
    if (rootfs !== undefined) close(rootfs);
  }
}

/** A removed directory made anew is what overlayfs can't do where its marks don't hold. */
function canChange(root: Fd): boolean {
  using file = openAt(root.number, 'd/f', O.RDONLY | O.NOFOLLOW);
  const content = new Uint8Array(8);
  if (sys('read', file.number, content, content.length) !== 1) return false;
  sys('unlinkat', root.number, 'd/f', 0);
  sys('unlinkat', root.number, 'd', AT.REMOVEDIR);
  sys('mkdirat', root.number, 'd', 0o700);
  return attempt('faccessat', root.number, 'd/f', 0) === -ERRNO.ENOENT;
}

function clear(place: string): void {
  for (const name of ['layers', 'container', 'skeleton', 'trees']) removeTree(AT.FDCWD, `${place}/${name}`);
}

function close({ root, lease, layers, spent }: MountedRootfs): void {
  for (const fd of [root, lease, ...layers.map((layer) => layer.fd), ...spent]) fd.close();
}

function writeImage(path: string): void {
  using file = openFile(path, O.RDWR | O.CREAT | O.EXCL | O.NOFOLLOW, 0o600);
  const writer = new ErofsWriter(new HostImage(file.number));
  const directory = writer.directory({ directory: ROOT, name: latin1ToBytes('d') }, PLAIN_META);
  writer.file({ directory, name: latin1ToBytes('f') }, PLAIN_META, 1);
  writer.data(latin1ToBytes('x'));
  sys('ftruncate', file.number, writer.finish().size);
}
