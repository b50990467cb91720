// Documents as engines write them, damaged and with foolish values: refused by a field's name, or planned.

import './trial/seccomp/host.node.ts';
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { isCortenError } from '../../pure/base/errors.ts';
import { formatJson, parseJson, type Json } from '../../pure/base/json.ts';
import { damagedText, foolishValue } from '../../pure/base/testing/damage.ts';
import type { Dice } from '../../pure/base/testing/dice.ts';
import { fuzz } from '../../pure/base/testing/fuzz.ts';
import type { Spec } from '../../pure/spec/runtime.ts';
import type { Hierarchy } from './cgroup/hierarchies.ts';
import { limitsV1 } from './plan/limits-v1.ts';
import { limitsV2 } from './plan/limits-v2.ts';
import { planContainer } from './plan/container.ts';
import { hintFor, titleOf } from './plan/step-titles.chunk.ts';
import { parseProcess } from './parse/process.ts';
import { parseResources } from './parse/resources.ts';
import { parseSpec } from './spec.ts';

const FOLDER = new URL('trial/corpus/config/', import.meta.url);
const corpus = readdirSync(FOLDER).map((name) => readFileSync(new URL(name, FOLDER), 'utf8'));

const V1 = [
  'cpu',
  'cpuacct',
  'cpuset',
  'memory',
  'devices',
  'pids',
  'blkio',
  'freezer',
  'hugetlb',
  'net_cls',
];
const HIERARCHIES: readonly (readonly Hierarchy[])[] = [
  V1.map((name) => ({ version: 1, controllers: [name], mountPoint: `/sys/fs/cgroup/${name}` })),
  [{ version: 2, controllers: [...V1, 'io', 'rdma'], mountPoint: '/sys/fs/cgroup' }],
  [],
];

/** Whether something came of it; a refusal is one sentence of a kind that the user can do something about. */
function isTaken(work: () => unknown, text: string): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (!isCortenError(error)) throw new Error(text, { cause: error });
    assert.match(error.code, /^(SPEC|RUNTIME)_/, text);
    assert.ok(error.kind === 'invalid_argument' || error.kind === 'unimplemented', `${error.kind}: ${text}`);
    assert.match(error.message, /\S{3}/, text);
    return false;
  }
}

function plan(dice: Dice, spec: Spec): void {
  const request = { id: 'box', bundle: '/bundle', spec, isPivot: true, hasNewKeyring: true };
  const hierarchies = dice.pick(HIERARCHIES);
  const facts = { hierarchies, permitted: [0xffffffff, 0x1ff] as const };
  const { steps, process, cgroups } = planContainer(request, facts);
  assert.ok(process.args.length > 0);
  for (const { directory } of cgroups) {
    assert.match(directory, /^\/sys\/fs\/cgroup\//);
    assert.doesNotMatch(directory, /\/\.\.(\/|$)/);
  }
  for (const step of steps) {
    assert.ok(titleOf(step).length > 0 && hintFor(step, 13) !== '');
    if ('destination' in step) assert.match(step.destination, /^\/(?!\.\.(\/|$))/);
  }
}

/** Damaged as text or as a value. */
function damaged(dice: Dice, text: string): string {
  return dice.below(2) === 0 ? damagedText(dice, text) : formatJson(foolishValue(dice, parseJson(text)));
}

test('the corpus is taken', () => {
  for (const text of corpus) assert.ok(isTaken(() => parseSpec(text), text));
  assert.ok(corpus.length > 2);
});

test('a damaged config.json is refused by name or planned', () => {
  const { taken, rounds } = fuzz((dice) => {
    const text = damaged(dice, dice.pick(corpus));
    return isTaken(() => plan(dice, parseSpec(text)), text);
  });
  assert.ok(rounds === 1 || (rounds > 100 && taken > 0), `${rounds} rounds, ${taken} taken`);
});

test('so are the documents of exec and update', () => {
  const fields = corpus.map((text) => parseJson(text) as { process: Json; linux: { resources?: Json } });
  fuzz((dice) => {
    const { process, linux } = dice.pick(fields);
    const [one, other] = [process, linux.resources ?? {}].map((value) => damaged(dice, formatJson(value)));
    return [one ?? '', other ?? ''].every((text, at) => {
      const value = valueOf(text);
      if (value === undefined) return false;
      return isTaken(() => {
        if (at === 0) return parseProcess(value, 'process');
        const resources = parseResources(value, 'resources');
        return [...limitsV1(resources).values(), limitsV2(resources)];
      }, text);
    });
  });
});

function valueOf(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

const OPTIONS = (
  'ro rro rw bind rbind nosuid noexec nodev noatime relatime strictatime rstrictatime nosymfollow idmap ridmap ' +
  'tmpcopyup private rprivate shared rslave unbindable sync dirsync lazytime loud remount copy-symlink defaults ' +
  'mode=755 size=1k uid=0 newinstance ptmxmode=0666 =x x= lowerdir=/a:/b , a,b'
).split(' ');

test('any options of mounts are taken or refused by name', () => {
  const document = parseJson(readFileSync(new URL('spec.json', FOLDER), 'utf8')) as { [key: string]: Json };
  const { taken } = fuzz((dice) => {
    const mounts = dice
      .some(['/a', '/proc', '/dev', '/sys/fs/cgroup', '/a/../b', '/', 'x', '/./c//'], 4)
      .map((destination) => ({
        destination,
        type: dice.pick(['bind', 'tmpfs', 'proc', 'cgroup', 'cgroup2', 'none', '', 'overlay']),
        source: dice.pick(['/src', 'rel', '', 'tmpfs']),
        options: dice.some([...OPTIONS, damagedText(dice, dice.pick(OPTIONS))], 6),
      }));
    const text = formatJson({ ...document, mounts });
    return isTaken(() => plan(dice, parseSpec(text)), text);
  });
  assert.ok(taken > 0 || process.env['CORTEN_FUZZ_SEED'] !== undefined);
});
