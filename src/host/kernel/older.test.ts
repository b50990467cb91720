import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attempt, interpose, sys } from './call.ts';
import { AT, CLOSE_RANGE_CLOEXEC, F, O, RESOLVE } from './constants.ts';
import { ERRNO, errnoName } from './errno.ts';
import { makeDirectories, openFile } from './files.ts';
import { tryOpenInRoot } from './mounts.ts';
import { NR, type SyscallName } from './numbers.ts';
import { awaitEnd, exit, fork, openProcess, waitFor } from './process.ts';
import { removeTree } from './remove-tree.ts';
import { statusOf } from './stat.ts';

/** Runs the body where these calls are refused. */
function without<T>(names: readonly SyscallName[], errno: number, body: () => T): T {
  const numbers = names.map((name) => NR[name] as number);
  const before = interpose((nr, ...args) => (numbers.includes(nr) ? -errno : before(nr, ...args)));
  try {
    return body();
  } finally {
    interpose(before);
  }
}

/** Numbers below a bound, the same for the same seed (xorshift). */
function dice(seed: number): (bound: number) => number {
  let state = seed | 1;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

const NAMES = ['a', 'b', 'c', 'd'];
const PIECES = [...NAMES, ...NAMES, ...NAMES, '..', '..', '.', '', 'missing'];

function randomPath(below: (bound: number) => number): string {
  const pieces = Array.from({ length: 1 + below(5) }, () => PIECES[below(PIECES.length)] ?? '');
  return `${below(2) === 0 ? '/' : ''}${pieces.join('/')}`;
}

/** Directories, files and links to anywhere, those that lead out of it too. */
function plant(root: string, below: (bound: number) => number, depth: number): void {
  for (const name of NAMES) {
    const path = `${root}/${name}`;
    switch (below(5)) {
      case 0:
      case 1:
        makeDirectories(path);
        if (depth > 0) plant(path, below, depth - 1);
        break;
      case 2:
        sys('symlink', randomPath(below) || '.', path);
        break;
      case 3:
        sys('close', sys('open', path, O.WRONLY | O.CREAT, 0o644));
    }
  }
}

function outcome(root: number, path: string, [flags, resolve]: readonly [number, number]): string {
  const result = tryOpenInRoot(root, path, flags, resolve);
  if (result < 0) return errnoName(-result);
  const { inode, mode } = statusOf(result);
  sys('close', result);
  return `${inode} ${mode}`;
}

const WAYS: readonly (readonly [number, number])[] = [
  [O.PATH, 0],
  [O.PATH | O.DIRECTORY, 0],
  [O.PATH | O.DIRECTORY, RESOLVE.NO_SYMLINKS],
  [O.PATH | O.NOFOLLOW, 0],
  [O.PATH | O.NOFOLLOW, RESOLVE.NO_SYMLINKS],
  [O.RDONLY, 0],
  [O.RDONLY | O.NOFOLLOW, 0],
  [O.RDWR | O.NOCTTY, RESOLVE.NO_SYMLINKS],
];

test('a walk by names ends where openat2(2) ends, in random trees of links', () => {
  const folder = `/tmp/kernel-older-${sys('getpid')}`;
  const below = dice(sys('getpid'));
  try {
    for (let tree = 0; tree < 8; tree++) {
      const root = `${folder}/${tree}/root`;
      makeDirectories(root);
      plant(root, below, 2);
      using top = openFile(root, O.PATH | O.DIRECTORY);
      for (let round = 0; round < 150; round++) {
        const path = randomPath(below);
        const way = WAYS[below(WAYS.length)] ?? [O.PATH, 0];
        const expected = outcome(top.number, path, way);
        const actual = without(['openat2'], ERRNO.ENOSYS, () => outcome(top.number, path, way));
        assert.equal(
          actual,
          expected,
          `${actual} and not ${expected}: ${path} in ${root}, ${way.join(' ')}, seed ${sys('getpid')}`,
        );
      }
    }
  } finally {
    removeTree(AT.FDCWD, folder);
  }
});

test('names of any bytes are opened without a link and on their mount', () => {
  using proc = openFile('/proc', O.PATH | O.DIRECTORY);
  using root = openFile('/', O.PATH | O.DIRECTORY);
  const cases: readonly (readonly [number, string, number])[] = [
    [root.number, 'proc', RESOLVE.NO_XDEV],
    [root.number, 'etc', RESOLVE.NO_XDEV],
    [root.number, '..', RESOLVE.BENEATH],
    [root.number, 'nothing', RESOLVE.BENEATH | RESOLVE.NO_SYMLINKS],
    [proc.number, 'sys', RESOLVE.NO_XDEV | RESOLVE.NO_MAGICLINKS],
    [proc.number, 'self', RESOLVE.NO_XDEV],
  ];
  for (const [directory, name, resolve] of cases) {
    const how = new BigUint64Array([
      BigInt(O.RDONLY | O.DIRECTORY | O.NOFOLLOW | O.CLOEXEC),
      0n,
      BigInt(resolve),
    ]);
    const open = (): number => {
      const result = attempt('openat2', directory, bytes(name), how, 24);
      if (result >= 0) sys('close', result);
      return Math.min(0, result);
    };
    assert.equal(without(['openat2'], ERRNO.ENOSYS, open), open(), name);
  }
  const xdev = (): number => tryOpenInRoot(root.number, 'proc/sys', O.PATH, RESOLVE.NO_XDEV);
  assert.equal(without(['openat2'], ERRNO.ENOSYS, xdev), xdev());
});

test('a walk by names follows no magic link of /proc', () => {
  using proc = openFile('/proc', O.PATH | O.DIRECTORY);
  for (const path of [
    'self/root',
    'self/exe',
    'self/cwd/x',
    `self/fd/${proc.number}`,
    'self/stat',
    'thread-self/stat',
  ]) {
    const usual = outcome(proc.number, path, [O.PATH, 0]);
    assert.equal(
      without(['openat2'], ERRNO.EPERM, () => outcome(proc.number, path, [O.PATH, 0])),
      usual,
      path,
    );
  }
});

test('EPERM of a call that is there is the answer', () => {
  let isAsked = false;
  const before = interpose((nr, ...args) => {
    // As for whoever may not: with arguments that make sense.
    if (nr === NR.clone3 && args[1] === 88) return -ERRNO.EPERM;
    if (nr === NR.clone) isAsked = true;
    return before(nr, ...args);
  });
  try {
    assert.throws(() => fork(), /clone3: EPERM/);
    assert.ok(!isAsked);
  } finally {
    interpose(before);
  }
});

test('processes are forked, looked after and signalled without the calls', () => {
  without(['clone3', 'pidfd_open', 'pidfd_send_signal'], ERRNO.ENOSYS, () => {
    const pid = fork();
    if (pid === 0) for (;;) attempt('nanosleep', new BigInt64Array([1000n, 0n]), null);
    using process = openProcess(pid);
    assert.ok(process !== undefined);
    assert.deepEqual(awaitEnd(process, 0), [false, false]);
    sys('pidfd_send_signal', process.number, 9, null, 0);
    assert.deepEqual(awaitEnd(process, -1), [true, false]);
    assert.equal(waitFor(pid) & 0x7f, 9);
    assert.equal(attempt('pidfd_send_signal', process.number, 9, null, 0), -ERRNO.ESRCH);
    assert.equal(openProcess(pid), undefined);
  });
});

test('a real descriptor of a process is signalled by number', () => {
  const pid = fork();
  if (pid === 0) exit(attempt('nanosleep', new BigInt64Array([1000n, 0n]), null) === 0 ? 0 : 1);
  using process = openProcess(pid);
  assert.ok(process !== undefined);
  without(['pidfd_send_signal'], ERRNO.EPERM, () => {
    sys('pidfd_send_signal', process.number, 9, null, 0);
    waitFor(pid);
    assert.equal(attempt('pidfd_send_signal', process.number, 0, null, 0), -ERRNO.ESRCH);
  });
});

test('descriptors are closed, or marked to be at execve(2), one by one', () => {
  const numbers = [101, 5000, 5001];
  for (const number of numbers) sys('dup3', 1, number, 0);
  without(['close_range'], ERRNO.ENOSYS, () => {
    sys('close_range', 101, 5000, CLOSE_RANGE_CLOEXEC);
    assert.deepEqual(
      numbers.map((number) => sys('fcntl', number, F.GETFD)),
      [1, 1, 0],
    );
    sys('close_range', 101, 5001, 0);
  });
  assert.deepEqual(
    numbers.map((number) => attempt('fcntl', number, F.GETFD)),
    numbers.map(() => -ERRNO.EBADF),
  );
});
