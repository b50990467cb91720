// Files of state that a power failure or a hand has damaged: each verb works or says so, and delete --force removes all.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isCortenError } from '../../pure/base/errors.ts';
import { formatJson, parseJson } from '../../pure/base/json.ts';
import { damagedBytes, foolishValue } from '../../pure/base/testing/damage.ts';
import type { Dice } from '../../pure/base/testing/dice.ts';
import { fuzz } from '../../pure/base/testing/fuzz.ts';
import type { Process } from '../../pure/spec/runtime.ts';
import { interpose, sys } from '../kernel/call.ts';
import { AT, O } from '../kernel/constants.ts';
import { ERRNO } from '../kernel/errno.ts';
import {
  createFile,
  encode,
  makeDirectories,
  openFile,
  readAll,
  readDirectory,
  writeAll,
} from '../kernel/files.ts';
import { removeTree } from '../kernel/remove-tree.ts';
import { NR } from '../kernel/numbers.ts';
import { DEFAULT_CONFIG } from './default-spec.ts';
import { deleteContainer } from './delete.ts';
import { execProcess } from './exec.ts';
import { killContainer } from './kill.ts';
import { listContainers } from './list.ts';
import { parseSpec } from './spec.ts';
import { createStateFile, openStateFile } from './state/file.ts';
import { appendInit, writeRecord } from './state/records.ts';
import { readState } from './state.ts';

const FOLDER = `/tmp/runt-fuzz-state-${sys('getpid')}`;
const ROOT = `${FOLDER}/state`;
const PATH = `${ROOT}/box`;
/** Of a process that is nobody: the number is beyond those that the kernel gives. */
const NOBODY = { pid: 4_194_304, startTime: '987654321987654321' };

/** Whoever a damaged number may mean gets no signal, and nothing is forked. */
function harmless(body: () => void): void {
  const refused: readonly number[] = [NR.kill, NR.pidfd_send_signal, NR.clone3];
  const before = interpose((nr, ...args) => (refused.includes(nr) ? -ERRNO.ESRCH : before(nr, ...args)));
  try {
    body();
  } finally {
    interpose(before);
  }
}

const NO_HOOKS = {
  prestart: [],
  createRuntime: [],
  createContainer: [],
  startContainer: [],
  poststart: [],
  poststop: [],
};

/** What a runtime writes of a container, with every field there is. */
function wholeFile(): Uint8Array {
  const { process, annotations } = parseSpec(JSON.stringify(DEFAULT_CONFIG));
  const rlimits = [{ type: 'RLIMIT_NOFILE', soft: 1n, hard: 2n ** 64n - 1n }] as const;
  {
    using file = createStateFile(ROOT, 'box');
    writeRecord(file, {
      version: 1,
      ociVersion: '1.0.2',
      id: 'box',
      bundle: '/bundle',
      rootfs: '/bundle/rootfs',
      created: '2026-01-01T00:00:00Z',
      annotations,
      cgroups: [`${FOLDER}/cgroup/a`, `${FOLDER}/cgroup/b`],
      unified: `${FOLDER}/cgroup/b`,
      process: { ...process, rlimits },
      isMapped: false,
      isFiltered: true,
      hasTime: true,
      personality: 8,
      hooks: { ...NO_HOOKS, poststop: [{ path: '/nowhere', args: ['x'], env: ['A=b'], timeout: 1 }] },
    });
    appendInit(file, NOBODY, {
      program: encode('\x06ffff'),
      flags: 1,
      optionalFlags: 1,
      listener: undefined,
    });
  }
  using file = openFile(PATH, O.RDONLY);
  sys('unlink', PATH);
  return readAll(file.number);
}

/** Damaged in its bytes, or in a value of one of its lines. */
function damaged(dice: Dice, whole: Uint8Array): Uint8Array {
  if (dice.below(2) === 0) return damagedBytes(dice, whole);
  const lines = utf8(whole).split('\n');
  const at = dice.below(lines.length);
  const value = parseJson(lines[at] ?? '');
  return encode(lines.with(at, formatJson(foolishValue(dice, value))).join('\n'));
}

function works(what: string, verb: () => unknown): boolean {
  try {
    verb();
    return true;
  } catch (error) {
    if (!isCortenError(error)) throw new Error(`${what}: ${String(error)}`, { cause: error });
    return false;
  }
}

test('damaged files of state are read as far as they go, and never stand in the way of a removal', () => {
  try {
    const whole = wholeFile();
    const { taken, rounds } = fuzz((dice) => {
      makeDirectories(ROOT);
      {
        using file = openFile(PATH, O.WRONLY | O.CREAT | O.EXCL, 0o600);
        writeAll(file.number, damaged(dice, whole));
      }
      const isRead = works('state', () => readState(ROOT, 'box'));
      works('list', () => listContainers(ROOT));
      harmless(() => {
        works('kill', () => killContainer(ROOT, 'box', { signal: 15 }));
        const process = (one: Process): Process => one;
        works('exec', () => execProcess({ root: ROOT, id: 'box', process, warn: () => undefined }));
        deleteContainer(ROOT, 'box', { force: true });
      });
      assert.equal(readDirectory(ROOT).join(), '');
      return isRead;
    });
    assert.ok(rounds === 1 || taken > 0, `${rounds} rounds, ${taken} read`);
  } finally {
    removeTree(AT.FDCWD, FOLDER);
  }
});

test('a file that is whole is read whole', () => {
  try {
    const whole = wholeFile();
    createFile(PATH, utf8(whole));
    using file = openStateFile(ROOT, 'box');
    file.read();
    // Once more, as by a start that fails and deletes.
    const { record, init, filter } = file.read();
    assert.equal(record?.process.rlimits[0]?.hard, 2n ** 64n - 1n);
    assert.deepEqual(init, NOBODY);
    assert.ok(filter !== undefined);
  } finally {
    removeTree(AT.FDCWD, FOLDER);
  }
});
