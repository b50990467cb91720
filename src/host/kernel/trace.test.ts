import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sys } from './call.ts';
import { traceOf } from './trace.ts';

test('traceOf() names the file and line that a bundled error came from', () => {
  try {
    sys('open', '/no/such/file', 0, 0);
    assert.fail('open succeeded');
  } catch (error) {
    const trace = traceOf(error as Error);
    assert.match(trace, /src\/host\/kernel\/call\.ts:\d+/);
    assert.match(trace, /src\/host\/kernel\/trace\.test\.ts:8\b/);
  }
});
