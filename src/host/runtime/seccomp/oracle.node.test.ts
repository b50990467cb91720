// The seccomp compiler against libseccomp, and against what the profiles say in their own words.

import '../trial/seccomp/host.node.ts';
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { isCortenError } from '../../../pure/base/errors.ts';
import { Dice } from '../../../pure/base/testing/dice.ts';
import type { Seccomp } from '../../../pure/spec/seccomp.ts';
import { compileSeccomp } from './compile.ts';
import { familyOf, tableOf, type Architecture } from './tables.ts';
import { assertValid, interpret, type Call } from '../trial/seccomp/bpf.ts';
import { ARCHITECTURES, HOST, Oracle, type Compiled } from '../trial/seccomp/oracle.node.ts';
import {
  callsAround,
  callsAtEdges,
  narrowProfile,
  plainProfile,
  randomProfile,
} from '../trial/seccomp/profiles.node.ts';
import { actionsFor } from '../trial/seccomp/reference.node.ts';

/** Of each kind; `npm run test:seccomp` sets CORTEN_SECCOMP_PROFILES to 5000. CORTEN_SECCOMP_SEED sets other ones. */
const COUNT = Number(process.env['CORTEN_SECCOMP_PROFILES'] ?? 250);
const SEED = Number(process.env['CORTEN_SECCOMP_SEED'] ?? 1);
const ENOSYS = 0x50026;

const oracle = new Oracle();
after(() => oracle[Symbol.dispose]());
const numbers = new Map<string, readonly number[]>();

function numbersOf(name: string): readonly number[] {
  return numbers.get(name) ?? assert.fail(`no numbers of ${name}`);
}

function learnNumbers(profiles: readonly Seccomp[]): void {
  const names = new Set([
    'socketcall',
    'ipc',
    ...profiles.flatMap(({ syscalls }) => syscalls.flatMap((one) => one.names)),
  ]);
  const found = oracle.numbers([...names]);
  [...names].forEach((name, at) => numbers.set(name, found[at] ?? []));
}

/** Our program, or undefined where we refuse the profile by name. */
function compiled(profile: Seccomp): Uint8Array | undefined {
  try {
    const { program } = compileSeccomp(profile, { arch: HOST });
    assertValid(program);
    return program;
  } catch (error) {
    if (!isCortenError(error)) throw error;
    assert.match(error.message, /^The field linux\.seccomp\.syscalls\[\d+\] must not give another action/);
    return undefined;
  }
}

function ours(program: Uint8Array, call: Call): number {
  return interpret(program, call.data).action;
}

function show(...values: readonly unknown[]): string {
  const text = (key: string, value: unknown): unknown =>
    typeof value === 'bigint' ? `0x${value.toString(16)}` : key === 'data' ? undefined : value;
  return values.map((value) => JSON.stringify(value, text)).join(' under ');
}

test('plain profiles have the same action for every call as libseccomp gives it', () => {
  const dice = new Dice(SEED);
  const profiles = Array.from({ length: COUNT }, () => plainProfile(dice));
  learnNumbers(profiles);
  let calls = 0;
  oracle.compile(profiles).forEach((theirs, at) => {
    const profile = profiles[at] ?? assert.fail();
    const program = compiled(profile);
    assert.ok(!('refused' in theirs) && program !== undefined, `refused: ${JSON.stringify(theirs)}`);
    for (const call of callsAround(profile, numbersOf, dice)) {
      calls++;
      const action = ours(program, call);
      const expected: number = theirs.answer(call);
      if (action !== expected) assert.equal(action, expected, show(call, profile));
    }
  });
  assert.ok(calls > 100 * COUNT, `only ${calls} calls`);
});

interface Tally {
  calls: number;
  /** Profiles with a call for which several rules speak, and libseccomp takes another than we. */
  otherRule: number;
  /** Profiles with a call whose action by libseccomp no rule gives. */
  theirMistakes: number;
  refused: number;
  /** Profiles that libseccomp takes and we refuse. */
  refusedAlone: number;
}

test('wild profiles have an action that one of their rules gives, and libseccomp’s unless no rule gives that', () => {
  const dice = new Dice(SEED + 1);
  const profiles = Array.from({ length: COUNT }, () => randomProfile(dice));
  learnNumbers(profiles);
  const tally: Tally = { calls: 0, otherRule: 0, theirMistakes: 0, refused: 0, refusedAlone: 0 };
  oracle
    .compile(profiles)
    .forEach((theirs, at) => compare(profiles[at] ?? assert.fail(), { theirs, dice, tally }));
  assert.ok(tally.calls > 100 * COUNT, `only ${tally.calls} calls`);
  assert.ok(tally.otherRule < 0.02 * COUNT, JSON.stringify(tally));
  assert.ok(tally.theirMistakes < 0.2 * COUNT, JSON.stringify(tally));
  assert.ok(tally.refused < 0.3 * COUNT, JSON.stringify(tally));
  assert.ok(tally.refusedAlone < 0.005 * COUNT, JSON.stringify(tally));
});

function compare(
  profile: Seccomp,
  { theirs, dice, tally }: { theirs: Compiled; dice: Dice; tally: Tally },
): void {
  const program = compiled(profile);
  if (program === undefined || 'refused' in theirs) {
    tally.refused++;
    if (!('refused' in theirs)) tally.refusedAlone++;
  }
  if (program === undefined) return;
  let [isOther, isMistaken] = [false, false];
  for (const call of callsAround(profile, numbersOf, dice)) {
    tally.calls++;
    const action = ours(program, call);
    const theirAction = 'refused' in theirs ? undefined : theirs.answer(call);
    if (theirAction === action && tally.calls % 10 > 0) continue;
    const said = actionsFor(profile, call, numbersOf) ?? new Set([0]);
    if (!said.has(action) && action !== ENOSYS)
      assert.fail(`${action.toString(16)} for ${show(call, profile)}`);
    if (theirAction === undefined || theirAction === action) continue;
    if (said.has(theirAction)) isOther = true;
    else isMistaken = true;
  }
  tally.otherRule += Number(isOther);
  tally.theirMistakes += Number(isMistaken);
}

test('a program with any one jump the wrong way round is caught', () => {
  const dice = new Dice(SEED + 2);
  const profiles = Array.from({ length: 30 }, () => narrowProfile(dice));
  learnNumbers(profiles);
  let jumps = 0;
  oracle.compile(profiles).forEach((theirs, at) => {
    const profile = profiles[at] ?? assert.fail();
    const program = compiled(profile) ?? assert.fail();
    if ('refused' in theirs) return assert.fail(`refused: ${show(profile)}`);
    const calls = callsAtEdges(profile, numbersOf).map((call) => ({ call, action: theirs.answer(call) }));
    const isWrong = (one: Uint8Array): boolean =>
      calls.some(({ call, action }) => ours(one, call) !== action);
    assert.ok(!isWrong(program), show(profile));
    for (let byte = 0; byte < program.length; byte += 8) {
      if (![0x15, 0x25, 0x35].includes(program[byte] ?? 0)) continue;
      const inverted = program.slice();
      [inverted[byte + 2], inverted[byte + 3]] = [program[byte + 3] ?? 0, program[byte + 2] ?? 0];
      assert.ok(isWrong(inverted), `jump ${byte / 8} of ${show(profile)}`);
      jumps++;
    }
  });
  assert.ok(jumps > 1000, `only ${jumps} jumps`);
});

test('the tables have libseccomp’s numbers', () => {
  const names = [
    ...new Set(ARCHITECTURES.flatMap((architecture) => [...familyOf(architecture).names.keys()])),
  ];
  let known = 0;
  oracle.numbers(names).forEach((theirs, at) => {
    if (theirs === undefined) return;
    known++;
    ARCHITECTURES.forEach((architecture, kind) => {
      const their = theirs[kind] ?? -1;
      // libseccomp 2.5 lacks some numbers that came later, and answers for multiplexed calls with none.
      if (their < 0) return;
      const bit = architecture === 'x32' ? 0x40000000 : 0;
      assert.equal(numberOf(architecture, names[at] ?? ''), their - bit, `${names[at]} on ${architecture}`);
    });
  });
  assert.ok(known > 400, `only ${known} names`);
});

function numberOf(architecture: Architecture, name: string): number | undefined {
  const family = familyOf(architecture);
  const place = family.names.get(name) ?? -1;
  const run = tableOf(architecture, family).find(({ places }) => places.includes(place));
  return run === undefined ? undefined : run.start + run.places.indexOf(place);
}
