import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeFlags } from './help-text.chunk.ts';
import { parseOptions, type FlagTable } from './options.ts';

const FLAGS: FlagTable = {
  bundle: { kind: 'text', short: 'b', value: 'DIR', help: 'where the bundle lies' },
  env: { kind: 'list', short: 'e', help: 'a variable' },
  interactive: { kind: 'switch', short: 'i', help: 'keep stdin open' },
  tty: { kind: 'switch', short: 't', help: 'a terminal' },
};

test('parseOptions() takes every spelling that the peers take', () => {
  for (const words of [['--bundle', 'x'], ['--bundle=x'], ['-bundle', 'x'], ['-b', 'x'], ['-bx'], ['-b=x']]) {
    assert.equal(parseOptions(words, FLAGS).text('bundle'), 'x', words.join(' '));
  }
});

test('parseOptions() unbundles switches and collects lists', () => {
  const options = parseOptions(['-it', '-e', 'A=1', '--env=B=2', 'image', '-e', 'C=3'], FLAGS);
  assert.ok(options.isOn('interactive') && options.isOn('tty'));
  assert.deepEqual(options.list('env'), ['A=1', 'B=2']);
  assert.deepEqual(options.rest, ['image', '-e', 'C=3']);
});

test('parseOptions() ends the flags at --, and a lone - is no flag', () => {
  assert.deepEqual(parseOptions(['-i', '--', '-t'], FLAGS).rest, ['-t']);
  assert.deepEqual(parseOptions(['-', '-t'], FLAGS).rest, ['-', '-t']);
});

test('parseOptions() lets a switch be turned off and refuses other values', () => {
  assert.equal(parseOptions(['-t', '--tty=false'], FLAGS).isOn('tty'), false);
  assert.throws(() => parseOptions(['--tty=maybe'], FLAGS), { code: 'CLI_FLAG_NOT_BOOLEAN' });
});

test('parseOptions() names the flag that it does not know or that lacks its value', () => {
  assert.throws(() => parseOptions(['--bundel=x'], FLAGS), /Unknown flag --bundel:/);
  assert.throws(() => parseOptions(['-ix'], FLAGS), /Unknown flag -ix/);
  assert.throws(() => parseOptions(['--__proto__'], FLAGS), { code: 'CLI_FLAG_UNKNOWN' });
  assert.throws(() => parseOptions(['--bundle'], FLAGS), /--bundle needs a value/);
});

test('describeFlags() aligns one line a flag', () => {
  assert.match(describeFlags(FLAGS), /^ {2}-b, --bundle DIR {3}where the bundle lies\n {2}-e, --env VALUE/);
});
