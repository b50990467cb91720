import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TarReader } from '../../pure/archive/tar-reader.ts';
import { bytesToLatin1 } from '../../pure/base/bytes.ts';
import { isCortenError } from '../../pure/base/errors.ts';
import { sys } from '../kernel/call.ts';
import { O } from '../kernel/constants.ts';
import { encode, makeDirectories, openAt, openFile, readAll, writeAll } from '../kernel/files.ts';
import type { Places } from '../monitor/places.ts';
import { lockRootfs } from '../snapshot/mount-rootfs.ts';
import { TrialStore } from '../snapshot/trial/trial-store.ts';
import {
  containerChanges,
  containerUsage,
  exportContainer,
  writeContainerLayer,
} from './container-changes.ts';
import { writeConfig, type ContainerConfig } from './container-config.ts';
import { leaseRootfs } from './lease-rootfs.ts';
import { NO_NETWORKING } from './networking.ts';
import { placesOf, type Roots } from './roots.ts';

const IMAGE = ['etc/', 'etc/passwd', 'bin'];

const CONFIG: ContainerConfig = {
  version: 1,
  id: 'abc',
  name: 'one',
  created: '2026-01-01T00:00:00.000Z',
  entrypoint: [],
  command: ['sh'],
  env: [],
  workingDirectory: '/',
  user: '',
  hostname: 'h',
  volumes: [],
  network: 'none',
  networking: NO_NETWORKING,
  isReadOnly: false,
  limits: {},
  labels: [],
  stopSignal: 'SIGTERM',
  hasTerminal: false,
  hasStdin: false,
  isAutoRemove: false,
};

/** A container that was made and has no monitor. */
class Stopped {
  readonly store = new TrialStore([IMAGE]);
  readonly roots: Roots = { store: this.store.path, run: `${this.store.path}/run` };
  readonly places: Places = placesOf(this.roots, 'abc', 'one');

  constructor(rootfs?: string) {
    makeDirectories(this.places.directory);
    const layers = this.store.layers.map((path) => path.slice(this.store.path.length + 1));
    const image = { reference: 'i', id: 'i', layers };
    writeConfig(this.places.directory, { ...CONFIG, ...(rootfs === undefined ? { image } : { rootfs }) });
  }

  write(path: string, text: string): void {
    using lease = leaseRootfs(this.roots, this.places, 'write');
    using file = openAt(lease.root.number, path, O.WRONLY | O.CREAT | O.TRUNC, 0o644);
    writeAll(file.number, encode(text));
  }

  /** The paths of a tar that some work writes. */
  pathsOf(work: (output: number) => number): readonly string[] {
    using file = openFile(`${this.store.path}/out.tar`, O.RDWR | O.CREAT | O.TRUNC, 0o600);
    const size = work(file.number);
    sys('lseek', file.number, 0, 0);
    const archive = readAll(file.number).slice();
    assert.equal(archive.length, size);
    const paths: string[] = [];
    const reader = new TarReader({
      entry: ({ path }) => void paths.push(bytesToLatin1(path)),
      data: () => undefined,
    });
    reader.push(archive);
    reader.finish();
    return paths;
  }

  [Symbol.dispose](): void {
    this.store[Symbol.dispose]();
  }
}

test('a container that was never started has changed nothing, and its lease shows the image', () => {
  using stopped = new Stopped();
  const { roots, places } = stopped;
  assert.deepEqual(containerChanges(roots, places), []);
  assert.deepEqual(containerUsage(places), { size: 0, allocated: 0, files: 0 });
  assert.deepEqual(
    stopped.pathsOf((output) => writeContainerLayer(roots, places, output)),
    [],
  );
  assert.deepEqual(
    stopped.pathsOf((output) => exportContainer(roots, places, output)),
    // The last is a mount point of the store's skeleton.
    ['bin', 'etc/', 'etc/passwd', 'proc/'],
  );
});

test("what a lease writes is the container's, is told by its changes and goes into its layer", () => {
  using stopped = new Stopped();
  const { roots, places } = stopped;
  stopped.write('etc/passwd', 'changed');
  stopped.write('new', '12345');
  const changes = containerChanges(roots, places).map(({ kind, path }) => `${kind} ${bytesToLatin1(path)}`);
  assert.deepEqual(changes, ['modified etc', 'modified etc/passwd', 'added new']);
  assert.equal(containerUsage(places).size, 'changed'.length + 5);
  assert.deepEqual(
    stopped.pathsOf((output) => writeContainerLayer(roots, places, output)),
    ['etc/', 'etc/passwd', 'new'],
  );
  assert.ok(stopped.pathsOf((output) => exportContainer(roots, places, output)).includes('new'));
});

test('a lease keeps everybody else from the root file system until it ends', () => {
  using stopped = new Stopped();
  const isInUse = (): boolean => {
    using directory = openFile(stopped.places.directory, O.RDONLY | O.DIRECTORY);
    try {
      lockRootfs(directory.number).close();
      return false;
    } catch (error) {
      return isCortenError(error) && error.code === 'SNAPSHOT_IN_USE';
    }
  };
  {
    using _lease = leaseRootfs(stopped.roots, stopped.places, 'read');
    assert.equal(isInUse(), true);
  }
  assert.equal(isInUse(), false);
});

test('a directory of the host as root file system is leased, and has no changes to tell', () => {
  using stopped = new Stopped('/etc');
  {
    using lease = leaseRootfs(stopped.roots, stopped.places, 'read');
    openAt(lease.root.number, 'passwd', O.RDONLY).close();
  }
  assert.throws(
    () => containerChanges(stopped.roots, stopped.places),
    (error: unknown) => isCortenError(error) && error.code === 'ENGINE_CONTAINER_WITHOUT_IMAGE',
  );
});
