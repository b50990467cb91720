import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inCheckout, ROOT } from '../setup/checkout.mjs';

/** A machine of software takes longer. */
const LIMIT_SECONDS = Number(process.env.CORTEN_SUITE_LIMIT ?? 90);
const NODE = inCheckout('bin/node');

/** Runs one suite: counts of its tests, the skipped ones by name, and whether all was well. */
export async function runSuite(suite) {
  return suite.files === undefined ? runCommands(suite) : runTests(suite);
}

async function runCommands({ commands }) {
  const outcomes = [];
  for (const command of commands) outcomes.push(await run(command));
  const failed = outcomes.filter((outcome) => outcome.status !== 0);
  for (const outcome of failed) process.stdout.write(outcome.output);
  return { passed: outcomes.length - failed.length, failed: failed.length, skipped: [], seen: [] };
}

async function runTests({ files, concurrency }) {
  const folder = mkdtempSync(join(tmpdir(), 'corten-test-'));
  // Tests of users other than root have folders in it.
  chmodSync(folder, 0o711);
  const outcome = await run(['scripts/test/node-tests.mjs', String(concurrency), ...files], {
    TMPDIR: folder,
  });
  process.stdout.write(outcome.output);
  const result =
    outcome.report === '' ? { passed: 0, failed: 1, skipped: [], seen: [] } : JSON.parse(outcome.report);
  const isStopped = outcome.status !== 0 && result.failed === 0;
  const left = readdirSync(folder);
  if (left.length === 0) rmdirSync(folder);
  else console.log(`Left behind in ${folder}: ${left.join(', ')}`);
  return { ...result, failed: result.failed + (isStopped ? 1 : 0) + (left.length > 0 ? 1 : 0) };
}

/** A command in a process group of its own, which is killed when it takes too long. */
async function run(command, extraEnv = {}) {
  const child = spawn(NODE, command, {
    cwd: ROOT,
    detached: true,
    env: { ...process.env, ...extraEnv },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const texts = [1, 2, 3].map((fd) => gather(child.stdio[fd]));
  const stop = () => process.kill(-child.pid, 'SIGKILL');
  process.once('SIGINT', stop);
  const limit = setTimeout(stop, LIMIT_SECONDS * 1000);
  const status = await new Promise((resolve) => child.once('exit', (code) => resolve(code)));
  clearTimeout(limit);
  process.removeListener('SIGINT', stop);
  // What a test left running may hold the pipes open: its end is not waited for.
  await new Promise((resolve) => setImmediate(resolve));
  const [out, err, report] = texts.map((text) => text());
  return {
    status,
    report,
    output: `${out}${err}${status === null ? `Killed: it ran for ${LIMIT_SECONDS} s, or was told to stop\n` : ''}`,
  };
}

function gather(stream) {
  let text = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk) => (text += chunk));
  return () => {
    stream.destroy();
    return text;
  };
}
