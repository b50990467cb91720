// `node bench/walkthrough.mjs [RUNS]`: where the time of `corten run --rm hello` goes, stage by stage, by the system
// calls that begin each stage, as perf(1) sees them (medians; perf itself costs about a microsecond a call); then the
// memory of the processes while a container runs. Prepares its own store below a temporary folder.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CORTEN = new URL('../bin/corten', import.meta.url).pathname;
const HELLO = new URL('../native-target/hello', import.meta.url).pathname;
const SCRIPT = new URL('../scripts/hello-image.mjs', import.meta.url).pathname;
const TRACE = ['-q', '-e', 'raw_syscalls:sys_enter', '-e', 'raw_syscalls:sys_exit', '-c', '1'];

/** x86-64 numbers: arch/x86/entry/syscalls/syscall_64.tbl. */
const NR = {
  wait4: 61,
  mkdir: 83,
  clone3: 435,
  fsopen: 430,
  execve: 59,
  execveat: 322,
  exit_group: 231,
  setsid: 112,
  socketpair: 53,
  umask: 95,
};

/** Each stage ends with the first call of its kind after the end of the one before, in the process named. */
const STAGES = [
  ['cli', NR.mkdir, 'the executable starts from its ready heap, reads the command line, finds the image'],
  ['cli', NR.clone3, 'the container gets an ID and a name on disk'],
  ['monitor', NR.setsid, 'the monitor is forked'],
  ['monitor', NR.fsopen, 'it leaves its caller, and writes hosts, hostname and resolv.conf'],
  [
    'monitor',
    NR.socketpair,
    'layers (EROFS by file) and overlay, detached; socket; configuration; plan; state',
  ],
  ['init', NR.umask, 'init is forked into its namespaces'],
  [
    'init',
    NR.execveat,
    'init mounts, makes devices, masks, joins the cgroups that the monitor made meanwhile, drops what it may',
  ],
  ['init', NR.execve, 'the sealed stub is executed'],
  ['init', NR.exit_group, 'the program is executed and runs'],
  ['monitor', NR.wait4, 'its end is noticed'],
  ['monitor', NR.exit_group, 'cgroups, state, upper, log and name are removed'],
  ['cli', NR.exit_group, 'the command ends'],
];

const runs = Number(process.argv[2] ?? 20);
const folder = mkdtempSync(join(tmpdir(), 'corten-walkthrough-'));
const env = {
  ...process.env,
  CORTEN_ROOT: join(folder, 'store'),
  CORTEN_RUN: join(folder, 'run'),
  CORTEN_NETWORK: 'none',
};
try {
  load(HELLO, 'hello:latest');
  const data = join(folder, 'perf.data');
  const samples = Array.from({ length: runs + 2 }, () => oneRun(data)).slice(2);
  printStages(samples);
  console.log(
    `\nwithout perf: ${median(Array.from({ length: runs }, untraced)).toFixed(2)} ms (median of ${runs})`,
  );
  await printMemory();
} finally {
  rmSync(folder, { recursive: true });
}

function load(program, name) {
  const image = execFileSync(process.execPath, [SCRIPT, program, name]);
  execFileSync(CORTEN, ['load', '-q'], { input: image, env, stdio: ['pipe', 'ignore', 'inherit'] });
}

function untraced() {
  const start = process.hrtime.bigint();
  execFileSync(CORTEN, ['run', '--rm', 'hello'], { env, stdio: 'ignore' });
  return Number(process.hrtime.bigint() - start) / 1e6;
}

/** Milliseconds since the start at which each stage began, and the number of system calls. */
function oneRun(data) {
  const { status } = spawnSync('perf', ['record', ...TRACE, '-o', data, CORTEN, 'run', '--rm', 'hello'], {
    env,
    stdio: 'ignore',
  });
  if (status !== 0) throw new Error('perf record failed: it comes from the Debian package linux-perf');
  const text = execFileSync('perf', ['script', '-i', data, '-F', 'tid,time,event,trace'], {
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const events = [...text.matchAll(/^\s*(\d+)\s+([\d.]+):\s+raw_syscalls:sys_enter: NR (\d+)/gm)].map(
    ([, tid, time, nr]) => ({ tid, time: Number(time) * 1000, nr: Number(nr) }),
  );
  const processes = Object.fromEntries(
    [...new Set(events.map(({ tid }) => tid))].map((tid, at) => [tid, ['cli', 'monitor', 'init'][at]]),
  );
  return { calls: events.length, times: timesOf(events, processes) };
}

function timesOf(events, processes) {
  const start = events[0].time;
  let after = start;
  return STAGES.map(([who, nr]) => {
    const found = events.find(
      (event) => processes[event.tid] === who && event.nr === nr && event.time >= after,
    );
    if (found === undefined) return undefined;
    after = found.time;
    return found.time - start;
  });
}

function printStages(samples) {
  console.log('| stage | process | ms | since the start |\n|---|---|---|---|');
  let before = 0;
  STAGES.forEach(([who, , label], at) => {
    const times = samples.map(({ times: all }) => all[at]).filter((time) => time !== undefined);
    if (times.length === 0) return;
    const time = median(times);
    console.log(`| ${label} | ${who} | ${(time - before).toFixed(2)} | ${time.toFixed(2)} |`);
    before = time;
  });
  console.log(`\n${median(samples.map(({ calls }) => calls))} system calls`);
}

/** KiB of each process while a container runs whose program only waits. */
async function printMemory() {
  const source = join(folder, 'idle.c');
  writeFileSync(source, '#include <unistd.h>\nint main(void){for(;;)pause();}');
  execFileSync('cc', ['-O1', '-static', '-o', join(folder, 'idle'), source]);
  load(join(folder, 'idle'), 'idle:latest');
  const cli = spawn(CORTEN, ['run', '--rm', '--name', 'idle', 'idle'], { env, stdio: 'ignore' });
  await new Promise((resolve) => setTimeout(resolve, 500));
  const [monitor] = childrenOf(cli.pid);
  const [program] = childrenOf(monitor);
  console.log('\n| process | resident | private dirty | shared with the page cache |\n|---|---|---|---|');
  for (const [name, pid] of Object.entries({ 'cli, attached': cli.pid, monitor, program })) {
    const size = sizesOf(pid);
    console.log(`| ${name} | ${size('Rss')} | ${size('Private_Dirty')} | ${size('Shared_Clean')} |`);
  }
  execFileSync(CORTEN, ['rm', '-f', 'idle'], { env, stdio: 'ignore' });
}

function childrenOf(pid) {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean);
}

function sizesOf(pid) {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
  return (field) => Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(text)?.[1]);
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
}
