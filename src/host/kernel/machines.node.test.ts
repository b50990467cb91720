// The tables of both machines against the kernel's own headers, which linux-libc-dev brings for all machines.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { NR as numbersOfAarch64 } from './aarch64/numbers.ts';
import { O as flagsOfAarch64 } from './aarch64/open-flags.ts';
import { NR } from './numbers.ts';
import { O } from './open-flags.ts';

/** What arch/arm64/include/asm/unistd.h and its uapi counterpart ask the generic table for. */
const WANTED_BY_ARM64 = ['RENAMEAT', 'NEW_STAT', 'SET_GET_RLIMIT', 'SYS_CLONE3', 'MEMFD_SECRET'];

test('both machines have the same calls, and two that others are made by on aarch64', () => {
  const calls = Object.keys(numbersOfAarch64).filter((name) => name !== 'epoll_pwait' && name !== 'ppoll');
  assert.deepEqual(calls.sort(), Object.keys(NR).sort());
});

test("the numbers of x86-64 are those of the kernel's asm/unistd_64.h", () => {
  const header = numbersIn('asm/unistd_64.h', []);
  for (const [name, number] of Object.entries(NR)) assert.equal(number, header.get(name), name);
});

test("the numbers of aarch64 are those of the kernel's asm-generic/unistd.h", () => {
  const header = numbersIn('asm-generic/unistd.h', WANTED_BY_ARM64);
  const missing = Object.entries(numbersOfAarch64).filter(([name]) => !header.has(name));
  for (const [name, number] of Object.entries(numbersOfAarch64))
    if (header.has(name)) assert.equal(number, header.get(name), name);
  assert.ok(header.size > 300);
  assert.ok(missing.length > 0);
  for (const [name, number] of missing) assert.ok(number < 0, `${name} is no call of aarch64`);
  assert.equal(new Set(Object.values(numbersOfAarch64)).size, Object.keys(numbersOfAarch64).length);
});

test('three flags of open(2) differ', () => {
  const differ = Object.entries(O).filter(([name, bits]) => flagsOfAarch64[name as keyof typeof O] !== bits);
  assert.deepEqual(differ.map(([name]) => name).sort(), ['DIRECTORY', 'NOFOLLOW', 'TMPFILE']);
});

/** The numbers that a header defines, as the C preprocessor sees it. */
function numbersIn(header: string, wanted: readonly string[]): ReadonlyMap<string, number> {
  const args = ['-E', '-dM', ...wanted.map((name) => `-D__ARCH_WANT_${name}`), '-'];
  const { stdout, stderr } = spawnSync('cc', args, { input: `#include <${header}>\n`, encoding: 'utf8' });
  const lines = [...stdout.matchAll(/^#define __NR_?(\w+) (\w+)$/gm)];
  assert.ok(lines.length > 0, stderr);
  const texts = new Map(lines.map(([, name = '', value = '']) => [name, value]));
  // What differs with the word's size is __NR3264_name, to which the name refers.
  const numbers = [...texts].map(
    ([name, value]) => [name, Number(texts.get(value.slice(4)) ?? value)] as const,
  );
  return new Map(numbers.filter(([, number]) => Number.isInteger(number)));
}
