import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { closeSync, cpSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BASE, PAGE } from './heap-blocks.mjs';

/** A step takes milliseconds; what takes so long hangs. */
const LIMIT = 20_000;
/** Cgroups have names that all builds of this machine share. */
const ID = `corten-build-${process.pid}`;
/** What a process wrote while another had the same pages. */
const SHARED = new Set(['shared', 'child']);

/**
 * Runs containers with an executable, and says which pages of its heaps were written to: for each, by its place in the
 * executable, `any` and, of these, `shared` by a process and its child, `sealed` where a seccomp profile or a network
 * was asked for, and `idle` by a process that stays until it waits. Needs what containers need: root, ptrace(2).
 */
export async function profile(executable, { tracer, hello, loadHello }) {
  const folder = mkdtempSync(join(tmpdir(), 'corten-build-'));
  try {
    const run = stepsIn(folder, executable, tracer);
    prepare(folder, executable, { tracer, hello });
    await runtSteps(run, folder);
    await cortenSteps(run, folder, loadHello);
    return run.pages;
  } finally {
    removeAll(folder);
  }
}

/** Also what a step that failed has left. */
function removeAll(folder) {
  const runt = ['runt', '--root', join(folder, 'root'), 'delete', '--force', ID];
  for (const [program, ...args] of [runt, ['corten', 'rm', '-f', ID]]) {
    spawnSync(join(folder, program), args, { env: environmentIn(folder), stdio: 'ignore', timeout: LIMIT });
  }
  rmSync(folder, { recursive: true, force: true });
}

function environmentIn(folder) {
  return { ...process.env, CORTEN_ROOT: join(folder, 'store'), CORTEN_RUN: join(folder, 'run'), CORTEN_NETWORK: 'none' };
}

function prepare(folder, executable, { tracer, hello }) {
  for (const name of ['runt', 'corten']) symlinkSync(resolve(executable), join(folder, name));
  for (const [name, seccomp] of [['plain'], ['sealed', sealed()]]) {
    mkdirSync(join(folder, name, 'rootfs'), { recursive: true });
    cpSync(hello, join(folder, name, 'rootfs/hello'));
    cpSync(tracer, join(folder, name, 'rootfs/wait'));
    execFileSync(join(folder, 'runt'), ['spec', '--bundle', join(folder, name)], { timeout: LIMIT });
    const path = join(folder, name, 'config.json');
    const config = JSON.parse(readFileSync(path, 'utf8'));
    config.process = { ...config.process, args: ['/hello'], terminal: false };
    if (seccomp !== undefined) config.linux.seccomp = seccomp;
    writeFileSync(path, JSON.stringify(config));
  }
}

const ALLOWED =
  'access bind brk chdir clone3 close connect dup execve exit_group fchdir fcntl fork fstat futex getcwd getpid ioctl ' +
  'kill lseek madvise mkdir mmap mount mprotect munmap nanosleep open openat pipe poll prctl read recvmsg rename ' +
  'rt_sigaction select sendmsg setuid socket stat statx symlink umask unlink wait4 write';

/** Of the kind that engines ask for: a list of names, some with conditions, for three architectures. */
function sealed() {
  const args = [{ index: 0, value: 0x7e020000, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }];
  const personality = [{ index: 0, value: 8, op: 'SCMP_CMP_EQ' }];
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
    syscalls: [
      { names: ALLOWED.split(' '), action: 'SCMP_ACT_ALLOW' },
      { names: ['personality'], action: 'SCMP_ACT_ALLOW', args: personality },
      { names: ['clone'], action: 'SCMP_ACT_ALLOW', args },
    ],
  };
}

/** Runs steps one by one; gathers the pages. */
function stepsIn(folder, executable, tracer) {
  const pages = new Map();
  const env = environmentIn(folder);
  const run = (words, { isSealed = false, before = [] } = {}) => {
    const list = join(folder, `pages-${process.hrtime.bigint()}`);
    const [program, ...args] = words;
    const [first, ...others] = [...before, tracer, BASE.toString(16), list, join(folder, program), ...args];
    const child = spawn(first, others, { env, stdio: 'ignore', timeout: LIMIT });
    const ended = new Promise((done, failed) => {
      child.on('error', failed);
      child.on('exit', (code) => {
        if (existsSync(list)) gather(pages, readFileSync(list, 'utf8'), isSealed);
        if (code === 0) done();
        else failed(new Error(`${words.join(' ')} ended with code ${code}`));
      });
    });
    ended.catch(() => {});
    return ended;
  };
  return Object.assign(run, { pages, env });
}

function gather(pages, text, isSealed) {
  for (const line of text.split('\n').filter((row) => row !== '')) {
    const [place, stage, ...written] = line.split(' ');
    const known = knownAt(pages, place);
    for (const page of written.map(Number)) {
      (isSealed ? known.sealed : known.any).add(page);
      if (SHARED.has(stage)) known.shared.add(page);
    }
  }
}

async function runtSteps(run, folder) {
  const root = ['--root', join(folder, 'root')];
  const plain = ['--bundle', join(folder, 'plain')];
  const runt = (...words) => run(['runt', ...root, ...words]);
  await runt('run', ...plain, ID);
  await run(['runt', ...root, 'run', '--bundle', join(folder, 'sealed'), ID], { isSealed: true });
  const started = runt('create', ...plain, ID); // which is followed until the container has ended
  await says(run, folder, ['runt', ...root, 'state', ID], '"created"');
  for (const words of [['state', ID], ['exec', ID, '/hello'], ['list'], ['ps', ID], ['start', ID], ['delete', '--force', ID]]) {
    await runt(...words);
  }
  await started;
  const killed = runt('create', ...plain, ID);
  await says(run, folder, ['runt', ...root, 'state', ID], '"created"');
  await runt('kill', ID, 'KILL');
  await killed;
  await runt('delete', ID);
}

async function cortenSteps(run, folder, loadHello) {
  if (loadHello(join(folder, 'corten'), run.env)) {
    await run(['corten', 'run', '--rm', 'hello']);
    await run(['corten', 'images']);
    // In a network namespace that goes with it. Where the kernel has no bridges, what they need stays where it is.
    const bridged = run(['corten', 'run', '--rm', '--network', 'bridge', 'hello'], { isSealed: true, before: ['unshare', '-n'] });
    await bridged.catch(() => undefined);
  }
  const rootfs = ['--rootfs', join(folder, 'plain/rootfs')];
  const monitored = run(['corten', 'run', '-d', '--name', ID, ...rootfs, '/wait']);
  await says(run, folder, ['corten', 'ps', '--filter', 'status=running'], ID);
  const monitor = monitorOf(run, folder);
  await idleness(monitor);
  lookAt(run.pages, monitor);
  for (const words of [['ps'], ['exec', ID, '/hello'], ['logs', ID], ['inspect', ID], ['stop', '-t', '0', ID], ['wait', ID], ['rm', ID]]) {
    await run(['corten', ...words]);
  }
  await monitored;
  const killed = run(['corten', 'run', '-d', '--rm', '--name', ID, ...rootfs, '/wait']);
  await says(run, folder, ['corten', 'ps', '--filter', 'status=running'], ID);
  await run(['corten', 'kill', ID]);
  await killed;
}

/** The process that stays with the container is its parent. */
function monitorOf({ env }, folder) {
  const words = ['inspect', '--format', '{{.State.Pid}}', ID];
  const pid = execFileSync(join(folder, 'corten'), words, { env, encoding: 'utf8', timeout: LIMIT }).trim();
  return /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1];
}

/** Waits until the monitor is in its second life and has slept for a while, however busy the machine is. */
async function idleness(pid) {
  for (let [waited, quiet, before] = [0, 0, '']; quiet < 15; waited += 20) {
    if (waited > LIMIT) throw new Error('The monitor is never idle');
    await sleep(20);
    const [program] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1).split(' ');
    const now = `${program} ${fields[11]} ${fields[12]}`;
    quiet = program === 'corten-monitor' && fields[0] === 'S' && now === before ? quiet + 1 : 0;
    before = now;
  }
}

/** What an idle process has written to so far; the bits are those of Documentation/admin-guide/mm/pagemap.rst. */
function lookAt(pages, pid) {
  const first = BASE.toString(16);
  const mapping = new RegExp(`^${first}-([0-9a-f]+) \\S+ ([0-9a-f]+)`, 'm').exec(readFileSync(`/proc/${pid}/maps`, 'utf8'));
  const size = (parseInt(mapping[1], 16) - Number(BASE)) / PAGE;
  const entries = new BigUint64Array(size);
  const file = openSync(`/proc/${pid}/pagemap`, 'r');
  readSync(file, entries, 0, size * 8, (BASE / BigInt(PAGE)) * 8n);
  closeSync(file);
  const isOwn = (entry) => entry >> 63n === 1n && ((entry >> 61n) & 1n) === 0n;
  const { idle } = knownAt(pages, String(parseInt(mapping[2], 16)));
  for (const [page, entry] of entries.entries()) if (isOwn(entry)) idle.add(page);
}

function knownAt(pages, place) {
  if (!pages.has(place)) pages.set(place, { any: new Set(), shared: new Set(), sealed: new Set(), idle: new Set() });
  return pages.get(place);
}

/** Waits until a command, which is not watched, says so. */
async function says({ env }, folder, [program, ...args], text) {
  for (let waited = 0; waited < LIMIT; waited += 50) {
    const { stdout } = spawnSync(join(folder, program), args, { env, encoding: 'utf8', timeout: LIMIT });
    if (stdout?.includes(text)) return;
    await sleep(50);
  }
  throw new Error(`${program} ${args.join(' ')} never said ${text}`);
}
