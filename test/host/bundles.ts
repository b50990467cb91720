import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

const PROGRAM = fileURLToPath(new URL('../../bin/corten-test', import.meta.url));
const BUNDLE_LIMIT_MS = 60_000;

interface Point {
  readonly isOk: boolean;
  readonly name: string;
  readonly details: string;
}

/** Names of the bundles; fuzzers are a suite of their own. */
export function listBundles(kind: 'tests' | 'fuzzers'): readonly string[] {
  const { stdout, status } = spawnSync(PROGRAM, { encoding: 'utf8' });
  assert.equal(status, 0, `${PROGRAM} lists its bundles`);
  const isWanted = (line: string): boolean => line.endsWith('.fuzz') === (kind === 'fuzzers');
  return stdout.split('\n').filter((line) => line !== '' && isWanted(line));
}

export function runBundle(bundle: string): void {
  const { stdout, stderr, status, signal } = spawnSync(PROGRAM, [bundle], {
    encoding: 'utf8',
    timeout: BUNDLE_LIMIT_MS,
  });
  const points = parseTap(stdout);
  for (const point of points) {
    test(point.name, () => assert.ok(point.isOk, point.details));
  }
  test('runs to its end', () => {
    const planned = Number(/^1\.\.(\d+)$/m.exec(stdout)?.[1]);
    assert.equal(
      points.length,
      planned,
      `${points.length} results of ${planned} planned\n${stdout}${stderr}`,
    );
    assert.equal(signal, null, stderr);
    assert.equal(
      status === 0,
      points.every((point) => point.isOk),
      stderr,
    );
  });
}

/** The points of a TAP text, each with the lines that follow it. */
function parseTap(text: string): readonly Point[] {
  const chunks = text.split(/^(?=(?:not )?ok \d+)/m).filter((chunk) => /^(?:not )?ok \d+/.test(chunk));
  return chunks.map((chunk) => {
    const [, not, name = ''] = /^(not )?ok \d+ -? ?(.*)$/m.exec(chunk) ?? [];
    return { isOk: not === undefined, name, details: chunk };
  });
}
