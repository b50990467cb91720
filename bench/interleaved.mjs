// One run of several subjects, each step of each once a round, in an order drawn anew each round, so that the
// machine's drift falls on all alike. Judge by wall minimum and CPU median.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const WARM_UP = 2;

/**
 * Subjects are `{ name, steps: [{ name, command: [program, ...args], isUncounted }] }`; a step that fails counts as
 * failed. `afterRound` checks that nothing is left and throws if something is. Gives rows by step and subject; with a
 * `limit`, in seconds, `{ rows, dropped }`: a step that takes longer is killed, and its subject has no more rounds.
 * `tell` is told of each step before it begins.
 */
export function interleave(options) {
  const { subjects, rounds, afterRound = () => {}, limit, warmUp = WARM_UP } = options;
  const folder = mkdtempSync(join(tmpdir(), 'corten-bench-'));
  const launcher = buildLauncher(folder);
  const [samples, dropped] = [new Map(), []];
  try {
    for (let round = -warmUp; round < rounds; round++) {
      const left = subjects.filter(({ name }) => !dropped.some(({ subject }) => subject === name));
      for (const subject of shuffled(left)) {
        const late = subject.steps.find(
          (step) => !measure({ ...options, subject, step, launcher, folder, samples, round }),
        );
        if (late !== undefined) dropped.push({ subject: subject.name, step: late.name });
      }
      afterRound();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return limit === undefined ? rowsOf(samples) : { rows: rowsOf(samples), dropped };
}

/** False if the step had to be killed. */
function measure({ subject, step, launcher, folder, samples, round, limit, pause = 0, tell }) {
  tell?.(subject.name, step.name, round);
  if (pause > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause);
  const out = join(folder, 'out');
  const command = [launcher, out, ...step.command];
  // With a group of its own, all of which it kills; the launcher begins to measure after it.
  const [program, ...args] =
    limit === undefined ? command : ['timeout', '-k', '5', String(limit), ...command];
  const { status: outcome } = spawnSync(program, args, { stdio: 'ignore' });
  if (limit !== undefined && outcome !== 0) return false;
  take({ subject, step, out, samples, round });
  return true;
}

function take({ subject, step, out, samples, round }) {
  const [wall, user, system, rss, status] = readFileSync(out, 'utf8').trim().split(' ').map(Number);
  if (round < 0 || step.isUncounted) return;
  const key = `${step.name}\0${subject.name}`;
  const sample = samples.get(key) ?? { walls: [], cpus: [], rss: 0, failures: 0 };
  sample.walls.push(wall / 1e6);
  sample.cpus.push((user + system) / 1e3);
  sample.rss = Math.max(sample.rss, rss / 1024);
  if (status !== 0) sample.failures++;
  samples.set(key, sample);
}

function rowsOf(samples) {
  return [...samples].map(([key, { walls, cpus, rss, failures }]) => {
    const [step, subject] = key.split('\0');
    const sorted = walls.toSorted((a, b) => a - b);
    const wall = { min: sorted[0], median: median(sorted), p90: sorted[Math.floor(sorted.length * 0.9)] };
    return { step, subject, ...wall, cpu: median(cpus.toSorted((a, b) => a - b)), rss, failures };
  });
}

/** Prints the rows as a table; ratios are to the subjects named in `controls`. */
export function print(rows, controls) {
  const heads = controls.flatMap((name) => [`min / ${name}`, `median / ${name}`, `CPU / ${name}`]);
  console.log(
    `| step | subject | wall min ms | median | p90 | CPU median ms | peak MiB | failed | ${heads.join(' | ')} |`,
  );
  console.log(`|${'---|'.repeat(8 + heads.length)}`);
  for (const row of rows) {
    const ratios = controls.flatMap((name) => {
      const control = rows.find((other) => other.step === row.step && other.subject === name);
      if (control === undefined) return ['', '', ''];
      return [row.min / control.min, row.median / control.median, row.cpu / control.cpu].map((ratio) =>
        ratio.toFixed(2),
      );
    });
    const times = [row.min, row.median, row.p90, row.cpu].map((time) => time.toFixed(2));
    const cells = [row.step, row.subject, ...times, row.rss.toFixed(1), row.failures, ...ratios];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

function median(sorted) {
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function shuffled(list) {
  return list
    .map((item) => [Math.random(), item])
    .toSorted((a, b) => a[0] - b[0])
    .map(([, item]) => item);
}

function buildLauncher(folder) {
  const launcher = join(folder, 'launcher');
  const source = new URL('./launcher.rs', import.meta.url).pathname;
  const link = ['-nostdlib', '-nostartfiles', '-static', '-no-pie'].flatMap((option) => [
    '-C',
    `link-arg=${option}`,
  ]);
  const flags = ['-C', 'panic=abort', '-C', 'opt-level=2', '-C', 'relocation-model=static'];
  execFileSync('rustc', ['--edition', '2024', ...flags, ...link, '-o', launcher, source]);
  return launcher;
}
