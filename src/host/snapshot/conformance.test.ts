// What every form of layers has to do alike: one image, one behaviour, whatever carries it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Words } from '../../pure/archive/testing/archive-of.ts';
import { bytesToLatin1 } from '../../pure/base/bytes.ts';
import { attempt, sys } from '../kernel/call.ts';
import { AT, O } from '../kernel/constants.ts';
import {
  encode,
  openAt,
  openFile,
  readAll,
  readDirectory,
  readText,
  readTextIfThere,
  writeAll,
  type Fd,
} from '../kernel/files.ts';
import { sleep } from '../kernel/process.ts';
import { isInitialUserNamespace } from '../kernel/user-namespace.ts';
import { openWritten } from './container-folders.ts';
import { changesOf, writeLayer, type DiffSource } from './diff-rootfs.ts';
import type { StoreForm } from './forms/store-form.ts';
import { formsHere, textOf } from './trial/forms-here.ts';
import { describeTree, TrialStore } from './trial/trial-store.ts';

const CAPABILITY = '\x01\0\0\x02\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0';
const ACL =
  '\x02\0\0\0\x01\0\x06\0\xff\xff\xff\xff\x02\0\x04\0\x39\x05\0\0\x04\0\x04\0\xff\xff\xff\xff\x10\0\x06\0\xff\xff\xff\xff\x20\0\x04\0\xff\xff\xff\xff';

const BOTTOM: readonly Words[] = [
  { path: './', mode: 0o755 },
  { path: 'etc/', mode: 0o711, uid: 5, gid: 6, seconds: 99, nanoseconds: 123_456_789 },
  { path: 'etc/passwd', content: 'root', seconds: -5, nanoseconds: 1 },
  { path: 'etc/gone' },
  'etc/old/',
  'etc/old/f',
  'opq/',
  'opq/hidden',
  { path: 'suid', mode: 0o6755, uid: 1000, gid: 60_000, content: 'x'.repeat(9000) },
  { path: 'caps', content: 'c', xattrs: { 'security.capability': CAPABILITY } },
  { path: 'acl', mode: 0o664, content: 'a', xattrs: { 'system.posix_acl_access': ACL } },
  { path: 'trusted', content: 't', xattrs: { 'trusted.own': 'v' } },
  'hard-a',
  'hard-b => hard-a',
  'link -> etc/passwd',
  { path: 'null', type: 'character', mode: 0o666, device: { major: 1, minor: 3 } },
  { path: 'disk', type: 'block', mode: 0o660, device: { major: 259, minor: 70_000 } },
  { path: 'pipe', type: 'fifo' },
  { path: `long/${'n'.repeat(255)}`, content: 'l' },
  { path: '\xff\xfe', content: 'bytes' },
  { path: 'sticky/', mode: 0o1777 },
];
const TOP: readonly Words[] = [
  'etc/.wh.gone',
  'etc/.wh.old',
  { path: 'opq/', mode: 0o700 },
  'opq/.wh..wh..opq',
  'opq/new',
  'hard-c => hard-a',
  { path: 'null/', mode: 0o750 },
];

const TREE: Record<string, string> = {
  acl: `100664 0:0 1700000000.0 a system.posix_acl_access=${ACL}`,
  caps: `100644 0:0 1700000000.0 c security.capability=${CAPABILITY}`,
  disk: `60660 0:0 1700000000.0 device ${(0x70 | (259 << 8) | ((70_000 & ~0xff) << 12)) >>> 0}`,
  etc: '40711 5:6 99.123456789',
  'etc/passwd': '100644 0:0 -5.1 root',
  'hard-a': '100644 0:0 1700000000.0 hard-a',
  'hard-b': '100644 0:0 1700000000.0 hard-a',
  'hard-c': '100644 0:0 1700000000.0 same as hard-a hard-a',
  link: '120777 0:0 1700000000.0 -> etc/passwd',
  long: '40755 0:0 0.0',
  [`long/${'n'.repeat(255)}`]: '100644 0:0 1700000000.0 l',
  null: '40750 0:0 1700000000.0',
  opq: '40700 0:0 1700000000.0',
  'opq/new': '100644 0:0 1700000000.0 opq/new',
  pipe: '10644 0:0 1700000000.0 device 0',
  sticky: '41777 0:0 1700000000.0',
  suid: '106755 1000:60000 1700000000.0 9000 bytes',
  trusted: '100644 0:0 1700000000.0 t trusted.own=v',
  '\xff\xfe': '100644 0:0 1700000000.0 bytes',
};

const PLACE = '/tmp';
/** Devices and what is `trusted.` are the initial user namespace's alone. */
const EXPECTED = isInitialUserNamespace() ? TREE : withoutPower(TREE);

for (const form of formsHere(PLACE)) {
  const name = textOf(form);
  test(`${name}: the tree is that of the image`, () => {
    using store = new TrialStore([BOTTOM, TOP]);
    const tree = describeTree(store.mount(form).root.number);
    assert.deepEqual(tree, EXPECTED);
  });

  test(`${name}: changes stay in the container, outlive its end, and are told`, () => {
    using store = new TrialStore([BOTTOM, TOP]);
    const directory = store.container();
    change(store.mount(form, directory).root.number);
    const other = describeTree(store.mount(form, store.container('two')).root.number);
    assert.deepEqual(other, EXPECTED);
    store.unmount();
    const { root } = store.mount(form, directory);
    checkChanged(root.number);
    checkDiff(store, form, directory);
  });

  test(`${name}: a layer of the changes makes the same tree on top of the image`, () => {
    using store = new TrialStore([BOTTOM, TOP]);
    const directory = store.container();
    const { root } = store.mount(form, directory);
    change(root.number);
    const changed = withoutTimes(describeTree(root.number));
    withSource(store, directory, (source) => store.addLayer(layerOf(store, source)));
    store.unmount();
    const again = describeTree(store.mount(form, store.container('three')).root.number);
    assert.deepEqual(withoutTimes(again), changed);
  });

  test(`${name}: a lease goes on after the container's own mount, and nothing is left of either`, () => {
    using store = new TrialStore([BOTTOM]);
    const { root, lease } = store.mount(form);
    root.close();
    assert.equal(contentOf(lease.number, 'etc/passwd'), 'root');
    writeFile(lease.number, 'written', 'by the lease');
    store.unmount();
    assert.equal(hasLoop(store.path), false);
    assert.equal(readText('/proc/self/mountinfo').includes(store.path), false);
  });
}

function withoutPower({ disk: _, trusted = '', ...tree }: Record<string, string>): Record<string, string> {
  return { ...tree, trusted: trusted.replace(' trusted.own=v', '') };
}

function change(root: number): void {
  writeFile(root, 'new', 'fresh');
  writeFile(root, 'etc/passwd', 'changed');
  sys('unlinkat', root, 'suid', 0);
  sys('unlinkat', root, 'opq/new', 0);
  sys('unlinkat', root, 'opq', AT.REMOVEDIR);
  sys('mkdirat', root, 'opq', 0o755);
  writeFile(root, 'opq/made', 'again');
  sys('fchmodat', root, 'sticky', 0o700);
  sys('fchownat', root, 'link', 7, 7, AT.SYMLINK_NOFOLLOW);
  sys('renameat', root, 'caps', root, 'moved');
  // Opened for writing, and left as it was.
  attempt('close', sys('openat', root, 'trusted', O.RDWR | O.CLOEXEC, 0));
}

function checkChanged(root: number): void {
  const tree = describeTree(root);
  assert.equal(tree['new'], '100600 0:0 now fresh');
  assert.equal(tree['etc/passwd'], '100644 0:0 now changed');
  assert.equal(tree['suid'], undefined);
  assert.equal(tree['opq'], '40755 0:0 now');
  assert.equal(tree['opq/new'], undefined);
  assert.equal(tree['opq/hidden'], undefined);
  assert.equal(tree['opq/made'], '100600 0:0 now again');
  assert.equal(tree['sticky'], '40700 0:0 1700000000.0');
  assert.equal(tree['link'], '120777 7:7 1700000000.0 -> etc/passwd');
  assert.equal(tree['moved'], `100644 0:0 1700000000.0 c security.capability=${CAPABILITY}`);
}

function checkDiff(store: TrialStore, { overlay }: StoreForm, directory: Fd): void {
  const found = withSource(store, directory, (source) =>
    changesOf(source).map(({ kind, path }) => `${kind} ${bytesToLatin1(path)}`),
  );
  const expected = [
    'deleted caps',
    'modified etc',
    'modified etc/passwd',
    'modified link',
    'added moved',
    'added new',
    'modified opq',
    'added opq/made',
    'modified sticky',
    'deleted suid',
  ];
  // A copy has the mount points too, and no order between what is there and what is not.
  const ours = overlay === 'none' ? [...expected, 'deleted opq/new', 'added proc'] : expected;
  const isKnown = (line: string): boolean => overlay !== 'none' || line !== 'modified etc';
  assert.deepEqual(found.filter(isKnown).toSorted(), ours.filter(isKnown).toSorted());
}

function withSource<T>(store: TrialStore, directory: Fd, work: (source: DiffSource) => T): T {
  const written = openWritten(directory.number);
  if (written === undefined) throw new Error('nothing was written');
  using folder = written.folder;
  const layers = store.layers.map((path) => openFile(path, O.RDONLY));
  try {
    const numbers = layers.map((fd) => fd.number);
    return work({ upper: folder.number, isCopy: written.isCopy, layers: numbers });
  } finally {
    for (const layer of layers) layer.close();
  }
}

function layerOf(store: TrialStore, source: DiffSource): Uint8Array {
  using file = openFile(`${store.path}/layer.tar`, O.RDWR | O.CREAT, 0o600);
  const size = writeLayer(source, file.number);
  sys('lseek', file.number, 0, 0);
  const archive = readAll(file.number).slice();
  assert.equal(archive.length, size);
  return archive;
}

/** Directories of the image that a layer names again have the time of then. */
function withoutTimes(tree: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(tree).map(([path, line]) => [path, line.replace(/ (?:now|-?\d+\.\d+)/, '')]),
  );
}

function writeFile(root: number, path: string, text: string): void {
  using file = openAt(root, path, O.WRONLY | O.CREAT | O.TRUNC, 0o600);
  writeAll(file.number, encode(text));
}

function contentOf(root: number, path: string): string {
  using file = openAt(root, path, O.RDONLY);
  return bytesToLatin1(readAll(file.number));
}

/** Whether a loop device has a file below a path; the kernel takes a moment to free one. */
function hasLoop(path: string): boolean {
  for (let tries = 0; tries < 300; tries++) {
    const files = readDirectory('/sys/block').map((name) =>
      readTextIfThere(`/sys/block/${name}/loop/backing_file`),
    );
    if (!files.some((file) => file?.startsWith(path) === true)) return false;
    sleep(10);
  }
  return true;
}
