import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeviceRule } from '../../../pure/spec/runtime.ts';
import { DEFAULT_DEVICE_RULES } from '../plan/default-devices.ts';
import { deviceProgram } from './device-program.ts';

/** What is asked of a device; `access` holds BPF_DEVCG_ACC_MKNOD 1, READ 2, WRITE 4. */
interface Question {
  readonly type: 'b' | 'c';
  readonly major: number;
  readonly minor: number;
  readonly access: number;
}

const LETTERS = ['m', 'r', 'w'];

/** The kernel's machine as far as the programs use it (instruction-set.rst). */
function run(program: Uint8Array, { type, major, minor, access }: Question): number {
  const view = new DataView(program.buffer, program.byteOffset, program.length);
  const context = [access * 65536 + (type === 'b' ? 1 : 2), major, minor];
  const registers: number[] = [];
  for (let at = 0; at < program.length; at += 8) {
    const [op, to, from] = [view.getUint8(at), view.getUint8(at + 1) & 15, view.getUint8(at + 1) >> 4];
    const [offset, value] = [view.getInt16(at + 2, true), view.getInt32(at + 4, true)];
    const own = registers[to] ?? 0;
    if (op === 0x61) registers[to] = context[offset / 4] ?? 0;
    else if (op === 0xbf) registers[to] = registers[from] ?? 0;
    else if (op === 0xb7) registers[to] = value;
    else if (op === 0x57) registers[to] = own & value;
    else if (op === 0x77) registers[to] = own >>> value;
    else if (op === 0x55) at += own === value ? 0 : offset * 8;
    else if (op === 0x15) at += own === value ? offset * 8 : 0;
    else if (op === 0x95) return registers[0] ?? -1;
    else assert.fail(`operation ${op}`);
  }
  return assert.fail('the program runs over its end');
}

/** Each kind of access by itself, decided by the last rule that names it and the device. */
function expected(rules: readonly DeviceRule[], { type, major, minor, access }: Question): number {
  const isAllowed = LETTERS.every((letter, bit) => {
    if ((access & (1 << bit)) === 0) return true;
    const rule = rules.findLast(
      (one) =>
        (one.type === 'a' || one.type === type) &&
        (one.major ?? major) === major &&
        (one.minor ?? minor) === minor &&
        one.access.includes(letter),
    );
    return rule?.allow === true;
  });
  return isAllowed ? 1 : 0;
}

const NUMBERS = [0, 1, 3, 200, 2 ** 20 - 1];
const ACCESSES = ['r', 'w', 'm', 'rw', 'rm', 'wm', 'rwm'];

function questions(): readonly Question[] {
  return (['b', 'c'] as const).flatMap((type) =>
    NUMBERS.flatMap((major) =>
      NUMBERS.flatMap((minor) => [1, 2, 3, 4, 5, 6, 7].map((access) => ({ type, major, minor, access }))),
    ),
  );
}

/** A small generator of its own: the same rules at every run (Park and Miller). */
function randomizer(seed: number): <T>(list: readonly T[]) => T {
  let state = seed;
  return (list) => {
    state = (state * 48271) % 2147483647;
    return list[state % list.length] as (typeof list)[number];
  };
}

function randomRule(pick: <T>(list: readonly T[]) => T): DeviceRule {
  const [major, minor] = [pick([undefined, ...NUMBERS]), pick([undefined, ...NUMBERS])];
  return {
    allow: pick([true, false]),
    type: pick(['a', 'b', 'c']),
    access: pick(ACCESSES),
    ...(major === undefined ? {} : { major }),
    ...(minor === undefined ? {} : { minor }),
  };
}

test('deviceProgram() lets the last rule that names an access decide, whatever the rules', () => {
  const pick = randomizer(7);
  const asked = questions();
  for (let round = 0; round < 150; round++) {
    const rules = Array.from({ length: pick([0, 1, 2, 3, 5, 8]) }, () => randomRule(pick));
    const program = deviceProgram(rules);
    for (const question of asked)
      assert.equal(run(program, question), expected(rules, question), JSON.stringify({ rules, question }));
  }
});

test('deviceProgram() denies what no rule names and allows what the default rules name', () => {
  const program = deviceProgram(DEFAULT_DEVICE_RULES);
  const asked = [
    { type: 'c', major: 1, minor: 3, access: 6 },
    { type: 'c', major: 136, minor: 77, access: 6 },
    { type: 'b', major: 8, minor: 0, access: 1 },
    { type: 'b', major: 8, minor: 0, access: 2 },
    { type: 'c', major: 1, minor: 1, access: 2 },
  ] as const;
  assert.deepEqual(
    asked.map((question) => run(program, question)),
    [1, 1, 1, 0, 0],
  );
  assert.equal(run(deviceProgram([]), { type: 'c', major: 1, minor: 3, access: 1 }), 0);
});

test('deviceProgram() ends at a rule for everything, since the kernel refuses code that is never reached', () => {
  const all: DeviceRule = { allow: true, type: 'a', access: 'rwm' };
  const before = deviceProgram([{ allow: false, type: 'c', access: 'rwm' }, all]);
  assert.equal(before.length, deviceProgram([all]).length);
});
