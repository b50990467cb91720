// Runs test files by Node's own runner: failures in words on standard output, counts as JSON on descriptor 3.
// node-tests.mjs CONCURRENCY FILE...

import { writeSync } from 'node:fs';
import { relative } from 'node:path';
import { run } from 'node:test';
import { inspect } from 'node:util';
import { inCheckout, ROOT } from '../setup/checkout.mjs';

const [concurrency, ...files] = process.argv.slice(2);
const report = { passed: 0, failed: 0, skipped: [], seen: [] };
const events = run({ files: files.map((file) => inCheckout(file)), concurrency: Number(concurrency) });

for await (const { type, data } of events) {
  if (type === 'test:pass') notePass(data);
  if (type === 'test:fail') noteFailure(data);
  if (type === 'test:stdout' || type === 'test:stderr') process.stdout.write(data.message);
}
writeSync(3, JSON.stringify(report));
process.exitCode = report.failed === 0 ? 0 : 1;

function notePass(data) {
  if (data.details.type === 'suite') return;
  report.seen.push(nameOf(data));
  if (data.skip === undefined && data.todo === undefined) report.passed += 1;
  else report.skipped.push(nameOf(data));
}

function noteFailure(data) {
  const { error, type } = data.details;
  if (type === 'suite' && error.failureType === 'subtestsFailed') return;
  report.seen.push(nameOf(data));
  report.failed += 1;
  console.log(`not ok: ${nameOf(data)} (line ${data.line ?? '?'})\n${inspect(error.cause ?? error)}\n`);
}

function nameOf(data) {
  return `${data.file === undefined ? '' : relative(ROOT, data.file)}: ${data.name}`;
}
