// npm test: sets up, then runs each suite and says its time. "npm test -- types unit" runs these suites only, and
// "npm run test:dropin" those that run podman, docker and containerd on runt. CORTEN_BUSY_MACHINE=1 says that others make
// containers meanwhile: then what a suite seems to leave behind is printed alone.

import { isRoot } from './setup/checkout.mjs';
import { setUp } from './setup.mjs';
import { leaksSince, machineState } from './test/leaks.mjs';
import { runSuite } from './test/run-suite.mjs';
import { readSkips, skipFaults } from './test/skips.mjs';
import { allSuites, isDropin } from './test/suites.mjs';

process.exitCode = await test(process.argv.slice(2));

async function test(wanted) {
  if (!isRoot()) console.log('The container tests need root: type "sudo npm test".');
  const suites = allSuites().filter((suite) => isWanted(suite, wanted));
  const groups = suites.some(isDropin) ? ['test', 'dropin'] : ['test'];
  if (!isRoot() || !(await setUp({ packages: groups }))) return 1;
  const results = [];
  for (const suite of suites) results.push(await runAndTell(suite));
  return summarize(results, wanted.length === 0);
}

function isWanted(suite, wanted) {
  if (wanted.length === 0) return !isDropin(suite);
  return wanted.includes(suite.name) || (isDropin(suite) && wanted.includes('dropin'));
}

async function runAndTell(suite) {
  const before = machineState();
  const start = performance.now();
  const result = await runSuite(suite);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const leaks = await leaksSince(before);
  for (const leak of leaks) console.log(`Left behind: ${leak}`);
  const failed = result.failed + (leaks.length > 0 && process.env.CORTEN_BUSY_MACHINE !== '1' ? 1 : 0);
  console.log(
    `${failed === 0 ? 'ok    ' : 'FAILED'} ${suite.name.padEnd(20)} ${seconds.padStart(5)} s  ${counts({ ...result, failed })}`,
  );
  return { ...result, failed };
}

function summarize(results, isWholeRun) {
  const sum = (pick) => results.reduce((total, result) => total + pick(result), 0);
  const skipped = results.flatMap((result) => result.skipped);
  const seen = results.flatMap((result) => result.seen);
  const faults = skipFaults(readSkips(), { skipped, seen, isWholeRun });
  for (const fault of faults) console.log(fault);
  const failed = sum((result) => result.failed) + faults.length;
  console.log(counts({ passed: sum((result) => result.passed), failed, skipped }));
  return failed === 0 && results.length > 0 ? 0 : 1;
}

function counts({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped.length} skipped`;
}
