// What a pull looks like on a terminal, and what ctrl-C there does.

import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CORTEN, Engine, outcomeOf, until } from './engine/engine.ts';
import { inTwo, remoteBox, type RemoteBox } from './registry/remote-box.ts';
import { call } from './registry/run.ts';

interface Watched {
  readonly child: ChildProcess;
  readonly seen: () => string;
}

/** A pull on a terminal of its own (script(1)). */
function pullOnTerminal(engine: Engine, { name }: RemoteBox, columns: number): Watched {
  // The shell goes on after ctrl-C, to tell the code.
  const script = `trap : INT; stty rows 20 cols ${columns}; $CORTEN pull ${name}; echo code $?`;
  const child = spawn('script', ['-qec', script, '/dev/null'], {
    env: { ...engine.env, CORTEN, TERM: 'xterm' },
  });
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => (text += String(chunk)));
  return { child, seen: () => text };
}

/** The last picture of the lines, as one sees it. */
function picture(text: string): readonly string[] {
  const lines: string[] = [];
  let row = 0;
  for (const [, up, line = ''] of text.replaceAll('\r', '').matchAll(/(?:\x1b\[(\d+)A)?([^\n]*)\n/g)) {
    row -= Number(up ?? 0);
    lines[row++] = line.replaceAll('\x1b[2K', '');
  }
  return lines;
}

for (const [columns, width] of [
  [120, 50],
  [80, 30],
] as const) {
  test(`on ${columns} columns each layer has its line, with a bar of ${width} while it comes`, async () => {
    using engine = new Engine();
    using remote = await remoteBox(engine.folder);
    const [, upper] = remote.layers;
    assert.ok(upper);
    const slow = inTwo(remote, upper, Math.floor(upper.size / 2));
    const { child, seen } = pullOnTerminal(engine, remote, columns);
    const ended = outcomeOf(child);
    await until('half a bar', () => /\[=+> +\]/.test(seen()) && / Pull complete/.test(seen()));
    const [first, ...lines] = picture(seen());
    assert.match(first ?? '', /^1: Pulling from .*\/box$/);
    assert.match(lines[0] ?? '', /^\w{12}: Pull complete$/);
    const [, bar = ''] = /^\w{12}: Downloading \[([=> ]+)\] [\d.]+[kM]B\/[\d.]+MB$/.exec(lines[1] ?? '') ?? [
      '',
      '',
    ];
    assert.equal(bar?.length, width, lines[1] ?? '');
    slow.open();
    await ended;
    const after = picture(seen());
    assert.deepEqual(
      after.slice(1, 3).map((line) => line.slice(14)),
      ['Pull complete', 'Pull complete'],
    );
    assert.match(after.join('\n'), /\nDigest: sha256:\w+\nStatus: Downloaded newer image for .*\n.*\ncode 0/);
  });
}

test('ctrl-C ends a pull at once and cleanly, and the next goes on where it was', async () => {
  using engine = new Engine();
  using remote = await remoteBox(engine.folder);
  const [, upper] = remote.layers;
  assert.ok(upper);
  const slow = inTwo(remote, upper, 400_000);
  const { child, seen } = pullOnTerminal(engine, remote, 80);
  const ended = outcomeOf(child);
  const tmp = join(engine.store, 'tmp');
  const part = join(tmp, `${upper.digest.slice(7)}.part`);
  await until('the first bytes', () => statSync(part, { throwIfNoEntry: false })?.size === 400_000);
  child.stdin?.write('\x03');
  await ended;
  assert.match(seen(), /code 130/);
  assert.doesNotMatch(seen(), /Error|at .*\.ts/);
  assert.deepEqual(
    readdirSync(tmp).filter((name) => /^[0-9a-f]{32}$/.test(name)),
    [],
  );
  slow.open();
  const again = await call(engine, ['pull', '-q', remote.name]);
  assert.equal(again.code, 0, again.stderr);
  assert.ok(remote.registry.requests.some((request) => request.endsWith('bytes=400000-')));
});
