import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attempt, interpose, sys } from '../../kernel/call.ts';
import { ERRNO } from '../../kernel/errno.ts';
import { readText } from '../../kernel/files.ts';
import { NR } from '../../kernel/numbers.ts';
import { exit, waitFor } from '../../kernel/process.ts';
import { forkInto } from './fork-into.ts';

/** Where cgroup v2 is, with all controllers or with none. */
const V2 =
  attempt('access', '/sys/fs/cgroup/cgroup.procs', 0) === 0 ? '/sys/fs/cgroup' : '/sys/fs/cgroup/unified';

/** What clone3(2) says where it is missing, and where it knows the cgroup not yet. */
for (const errno of [undefined, ERRNO.ENOSYS, ERRNO.E2BIG, ERRNO.EINVAL]) {
  test(`a child begins in its cgroup (clone3: ${errno ?? 'there'})`, () => {
    const name = `runt-fork-${sys('getpid')}`;
    const directory = `${V2}/${name}`;
    sys('mkdir', directory, 0o755);
    const before = interpose((nr, ...args) =>
      nr === NR.clone3 && errno !== undefined ? -errno : before(nr, ...args),
    );
    try {
      const pid = forkInto(directory, undefined);
      if (pid === 0) exit(readText('/proc/self/cgroup').includes(`0::/${name}\n`) ? 7 : 8);
      assert.equal(waitFor(pid) >> 8, 7);
      if (errno !== undefined) assert.throws(() => forkInto('/tmp', undefined), /Start in the cgroup/);
    } finally {
      interpose(before);
      sys('rmdir', directory);
    }
  });
}
