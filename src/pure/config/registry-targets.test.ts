import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRegistriesConf } from './registries-conf.ts';
import { findTargets } from './registry-targets.ts';
import type { Json } from '../base/json.ts';

function targetsOf(
  registry: readonly Json[],
  domain: string,
  repository: string,
): readonly string[] | string {
  const conf = parseRegistriesConf([{ path: '/x', content: { registry } }]);
  const found = findTargets(conf, { domain, repository, hasDigest: false });
  if (found.kind === 'blocked') return found.rule.prefix;
  return found.targets.map(
    (target) => `${target.domain}/${target.repository}${target.isInsecure ? '!' : ''}`,
  );
}

test('findTargets() rewrites a prefix only where it ends at a part of the name', () => {
  const rules = [{ prefix: 'a.io/team', location: 'b.io/x/y' }];
  assert.deepEqual(targetsOf(rules, 'a.io', 'team/box'), ['b.io/x/y/box']);
  assert.deepEqual(targetsOf(rules, 'a.io', 'team'), ['b.io/x/y']);
  assert.deepEqual(targetsOf(rules, 'a.io', 'teamwork/box'), ['a.io/teamwork/box']);
  assert.deepEqual(targetsOf(rules, 'a.io:5000', 'team/box'), ['a.io:5000/team/box']);
});

test('findTargets() takes the longest prefix, and a wildcard changes a name only with a location', () => {
  const rules = [
    { prefix: '*.a.io', insecure: true },
    { prefix: '*.b.io', location: 'c.io/deep' },
    { location: 'x.a.io/free', blocked: true },
  ];
  assert.deepEqual(targetsOf(rules, 'x.a.io', 'box'), ['x.a.io/box!']);
  assert.deepEqual(targetsOf(rules, 'a.io', 'box'), ['a.io/box']);
  assert.deepEqual(targetsOf(rules, 'y.b.io:5000', 'box'), ['c.io/deep/box']);
  assert.equal(targetsOf(rules, 'x.a.io', 'free/box'), 'x.a.io/free');
});

test('parseRegistriesConf() lets a later file replace a prefix, the search list and an alias', () => {
  const { rules, search, aliases } = parseRegistriesConf([
    {
      path: '/one',
      content: {
        'unqualified-search-registries': ['a.io'],
        registry: [{ location: 'a.io', blocked: true }, { location: 'b.io' }],
        aliases: { one: 'a.io/one', two: 'a.io/two' },
      },
    },
    { path: '/two', content: { registry: [{ location: 'a.io' }], aliases: { one: '', two: 'b.io/two' } } },
  ]);
  assert.deepEqual(search, ['a.io']);
  assert.deepEqual(
    rules.map(({ prefix, isBlocked, file }) => [prefix, isBlocked, file]),
    [
      ['b.io', false, '/one'],
      ['a.io', false, '/two'],
    ],
  );
  assert.deepEqual([...aliases], [['two', 'b.io/two']]);
});
