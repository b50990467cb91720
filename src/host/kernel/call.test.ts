import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attempt, interpose, isSysError, retry, sys } from './call.ts';
import { ERRNO } from './errno.ts';
import { NR } from './numbers.ts';

test('sys() throws a SysError that names the call, the path and the errno', () => {
  assert.throws(
    () => sys('open', '/no/such/file', 0, 0),
    (error: unknown) => isSysError(error, 'ENOENT') && error.message === 'open /no/such/file: ENOENT',
  );
});

test('a path with a NUL is refused before the kernel sees a shorter one', () => {
  assert.throws(() => attempt('open', '/etc/passwd\0.txt', 0, 0), /NUL/);
});

test('interpose() lays a gate under every call, and retry() goes on after EINTR', () => {
  let interrupted = 2;
  const before = interpose((nr, ...args) => {
    if (nr === NR.getppid && interrupted-- > 0) return -ERRNO.EINTR;
    return before(nr, ...args);
  });
  try {
    assert.ok(retry('getppid') > 0);
    assert.equal(interrupted, -1);
  } finally {
    interpose(before);
  }
});

test('a recursion without end is a RangeError and the program goes on', () => {
  const deeper = (depth: number): number => deeper(depth + 1) + 1;
  assert.throws(() => deeper(0), /InternalError|RangeError|stack/);
  assert.ok(sys('getpid') > 0);
});

test('neither eval nor Function makes code from text', () => {
  const { eval: evaluate } = globalThis as { eval?: (text: string) => unknown };
  if (evaluate !== undefined) assert.throws(() => evaluate('1 + 1'));
  assert.throws(() => new (Object.getPrototypeOf(throwsNothing).constructor)('return 1')());
});

function throwsNothing(): void {}
