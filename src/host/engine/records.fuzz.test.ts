// What a container keeps on disk, damaged: it is listed, and commands on it work, or say so, and it can be removed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isCortenError } from '../../pure/base/errors.ts';
import { formatJson, parseJson } from '../../pure/base/json.ts';
import { damagedBytes, foolishValue } from '../../pure/base/testing/damage.ts';
import type { Dice } from '../../pure/base/testing/dice.ts';
import { fuzz } from '../../pure/base/testing/fuzz.ts';
import { interpose, sys } from '../kernel/call.ts';
import { O } from '../kernel/constants.ts';
import { ERRNO } from '../kernel/errno.ts';
import { createFile, encode, makeDirectories, openFile, readAll, writeAll } from '../kernel/files.ts';
import { NR } from '../kernel/numbers.ts';
import { appendRecord } from '../monitor/journal.ts';
import { CONFIG_FILE, JOURNAL_FILE, LOG_FILE } from '../monitor/places.ts';
import { writeConfig, type ContainerConfig } from './container-config.ts';
import { inspectContainer } from './inspect-container.ts';
import { listContainers } from './list-containers.ts';
import { readLogs } from './read-logs.ts';
import { removeContainer } from './remove-container.ts';
import { placesOf, type Roots } from './roots.ts';
import { Scratch } from './trial/scratch.ts';

const ID = 'abc123';
const TIME = '2026-01-01T00:00:00.000000000Z';
const CONFIG: ContainerConfig = {
  version: 1,
  id: ID,
  name: 'box',
  created: TIME,
  image: { reference: 'busybox', id: `sha256:${'0'.repeat(64)}`, layers: ['layers/x.erofs'] },
  entrypoint: [],
  command: ['sh'],
  env: ['A=b'],
  workingDirectory: '/',
  user: '',
  hostname: 'h',
  volumes: [
    { type: 'bind', source: '/a', destination: '/b', mode: 'ro', isReadOnly: true, propagation: 'rprivate' },
  ],
  network: 'none',
  networking: {
    networks: [],
    ports: [],
    exposed: [],
    isAllPublished: false,
    dns: ['1.1.1.1'],
    dnsSearch: [],
    dnsOptions: [],
    hosts: [['a', '10.0.0.1']],
  },
  isReadOnly: false,
  limits: {},
  labels: [['a', 'b']],
  stopSignal: 'SIGTERM',
  hasTerminal: false,
  hasStdin: false,
  isAutoRemove: false,
};
const LOG = `${TIME} stdout F hello\n${TIME} stderr P half\n${TIME} stderr F way\n`;

function makeContainer(roots: Roots): string {
  const { directory, names } = placesOf(roots, ID, 'box');
  for (const folder of [directory, names]) makeDirectories(folder, 0o700);
  sys('symlink', ID, `${names}/box`);
  writeConfig(directory, CONFIG);
  createFile(`${directory}/${LOG_FILE}`, LOG);
  using folder = openFile(directory, O.RDONLY | O.DIRECTORY);
  appendRecord(
    folder.number,
    { event: 'created', time: TIME, name: 'box', image: 'x', command: 'sh' },
    false,
  );
  appendRecord(folder.number, { event: 'started', time: TIME, pid: 4_194_304, startTime: '1' }, false);
  appendRecord(folder.number, { event: 'exited', time: TIME, code: 0 }, false);
  return directory;
}

function damage(dice: Dice, path: string): void {
  using file = openFile(path, O.RDWR);
  const content = readAll(file.number).slice();
  const isBytes = path.endsWith(LOG_FILE) || dice.below(2) === 0;
  const lines = utf8(content).trimEnd().split('\n');
  const at = dice.below(lines.length);
  const text = isBytes ? '' : formatJson(foolishValue(dice, parseJson(lines[at] ?? '')));
  const damaged = isBytes ? damagedBytes(dice, content) : encode(`${lines.with(at, text).join('\n')}\n`);
  sys('ftruncate', file.number, 0);
  sys('lseek', file.number, 0, 0);
  writeAll(file.number, damaged);
}

function works(what: string, command: () => unknown): boolean {
  try {
    command();
    return true;
  } catch (error) {
    if (!isCortenError(error)) throw new Error(`${what}: ${String(error)}`, { cause: error });
    return false;
  }
}

/** Whoever a damaged number may mean gets no signal. */
function withoutSignals(body: () => void): void {
  const refused: readonly number[] = [NR.kill, NR.pidfd_send_signal];
  const before = interpose((nr, ...args) => (refused.includes(nr) ? -ERRNO.ESRCH : before(nr, ...args)));
  try {
    body();
  } finally {
    interpose(before);
  }
}

test('a container of damaged files is listed, and is removed by force', () => {
  const { taken, rounds } = fuzz((dice) => {
    using scratch = new Scratch();
    const roots = { store: `${scratch.path}/store`, run: `${scratch.path}/run` };
    const directory = makeContainer(roots);
    for (const name of [CONFIG_FILE, JOURNAL_FILE, LOG_FILE]) {
      if (dice.below(2) === 0) damage(dice, `${directory}/${name}`);
    }
    const places = placesOf(roots, ID, 'box');
    const [listed] = listContainers(roots, true);
    assert.equal(listed?.name, 'box');
    for (const text of [listed?.image, listed?.command, listed?.created]) assert.equal(typeof text, 'string');
    const isWhole = works('inspect', () => formatJson(inspectContainer(roots, places)));
    const tail = dice.pick([undefined, 0, 1, 5]);
    works('logs', () =>
      readLogs(
        places,
        { isFollowed: false, tail, since: undefined, until: undefined },
        ({ content }) => content,
      ),
    );
    withoutSignals(() => removeContainer(places, true));
    assert.deepEqual(listContainers(roots, true), []);
    return isWhole;
  });
  assert.ok(rounds === 1 || taken > 0, `${rounds} rounds, ${taken} whole`);
});
