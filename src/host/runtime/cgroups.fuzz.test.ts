// Files of cgroupfs and mountinfo as no kernel should write them: statistics stay numbers, and hierarchies are those
// that are there.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatJson } from '../../pure/base/json.ts';
import { damagedText } from '../../pure/base/testing/damage.ts';
import type { Dice } from '../../pure/base/testing/dice.ts';
import { fuzz } from '../../pure/base/testing/fuzz.ts';
import { interpose, sys } from '../kernel/call.ts';
import { AT, MAGIC } from '../kernel/constants.ts';
import { createFile, makeDirectories, readText } from '../kernel/files.ts';
import { removeTree } from '../kernel/remove-tree.ts';
import { NR } from '../kernel/numbers.ts';
import { fileSystemOf } from '../kernel/stat.ts';
import { findHierarchies } from './cgroup/hierarchies.ts';
import { processesIn } from './cgroup/processes.ts';
import { CgroupFiles } from './stats/files.ts';
import { readStatsV1 } from './stats/v1.ts';
import { readStatsV2 } from './stats/v2.ts';

const FOLDER = `/tmp/runt-fuzz-cgroup-${sys('getpid')}`;

/** The beginnings of what Linux 6.1 writes (cgroup-v1/ and cgroup-v2.rst of its admin-guide). */
const FILES: Readonly<Record<string, string>> = {
  'cpu.stat':
    'usage_usec 100\nuser_usec 60\nsystem_usec 40\nnr_periods 1\nnr_throttled 0\nthrottled_usec 7\n',
  'cpuacct.stat': 'user 3\nsystem 4\n',
  'cpuacct.usage': '123456\n',
  'cpuacct.usage_percpu': '1 2 3 4 \n',
  'cpuacct.usage_all': 'cpu user system\n0 1 2\n1 3 4\n',
  'cpuset.cpus': '0-3,5\n',
  'cpuset.mems': '0\n',
  'cpuset.memory_pressure': '0\n',
  'memory.stat': 'anon 1\nfile 2\nkernel 3\ntotal_cache 5\n',
  'memory.current': '4096\n',
  'memory.max': 'max\n',
  'memory.swap.max': '18446744073709551615\n',
  'memory.swap.current': '0\n',
  'memory.events': 'low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\n',
  'memory.usage_in_bytes': '4096\n',
  'memory.limit_in_bytes': '9223372036854771712\n',
  'memory.use_hierarchy': '1\n',
  'pids.current': '3\n',
  'pids.max': 'max\n',
  'io.stat': '8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0\n253:1 \n',
  'blkio.throttle.io_service_bytes': '8:0 Read 1\n8:0 Write 2\n8:0 Total 3\nTotal 3\n',
  'blkio.throttle.io_serviced': '8:0 Read 1\nTotal 1\n',
  'hugetlb.2MB.current': '0\n',
  'hugetlb.2MB.events': 'max 0\n',
  'hugetlb.2MB.usage_in_bytes': '0\n',
  'cgroup.procs': '1\n22\n333\n',
};

/** Every number of it is one. */
function assertNumbers(value: unknown, at: string): void {
  if (typeof value === 'number') assert.ok(Number.isFinite(value), `${at} is ${value}`);
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) assertNumbers(inner, `${at}.${key}`);
}

test('statistics of any files are numbers', () => {
  const { rounds } = fuzz((dice) => {
    makeDirectories(FOLDER);
    try {
      for (const [name, text] of Object.entries(FILES)) {
        if (dice.below(8) === 0) continue;
        createFile(`${FOLDER}/${name}`, dice.below(3) === 0 ? damagedText(dice, text) : text);
      }
      for (const read of [readStatsV1, readStatsV2]) {
        const stats = read(new CgroupFiles([`${FOLDER}/nowhere`, FOLDER]));
        assertNumbers(stats, 'stats');
        assert.ok(formatJson(stats).length > 0);
      }
      for (const pid of processesIn(FOLDER)) assert.ok(Number.isInteger(pid) && pid > 0, String(pid));
      return true;
    } finally {
      removeTree(AT.FDCWD, FOLDER);
    }
  });
  assert.ok(rounds > 0);
});

function damagedLines(dice: Dice, text: string): string {
  const lines = text.split('\n');
  const at = dice.below(lines.length);
  const more =
    '33 24 0:29 / /no\\040where\\134x rw - cgroup cgroup rw,cpu\n34 24 0:30 / /x rw - cgroup2 none rw';
  return lines.toSpliced(at, dice.below(2), damagedText(dice, `${lines[at] ?? ''} `), more).join('\n');
}

test('hierarchies of any mountinfo are mounted cgroups', () => {
  const real = readText('/proc/self/mountinfo');
  makeDirectories(FOLDER);
  const path = `${FOLDER}/mountinfo`;
  const before = interpose((nr, first, ...args) =>
    before(nr, nr === NR.open && first === '/proc/self/mountinfo' ? path : first, ...args),
  );
  try {
    const { taken, rounds } = fuzz((dice) => {
      createFile(path, dice.below(3) === 0 ? damagedText(dice, real) : damagedLines(dice, real));
      try {
        const found = findHierarchies();
        for (const { mountPoint } of found) {
          assert.ok([MAGIC.CGROUP, MAGIC.CGROUP2].includes(fileSystemOf(mountPoint) as never), mountPoint);
        }
        return found.length > 0;
      } finally {
        sys('unlink', path);
      }
    });
    assert.ok(rounds === 1 || taken > 0, `${rounds} rounds, ${taken} with hierarchies`);
  } finally {
    interpose(before);
    removeTree(AT.FDCWD, FOLDER);
  }
});
