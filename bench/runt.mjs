// `node bench/runt.mjs [ROUNDS] [--lone]`: runt against Debian's crun and runc: run of a static program that does
// nothing, with all namespaces, cgroups and runc's default configuration, without seccomp and with podman's profile;
// then create, start, exec, kill and delete one by one, and exec with the profile. Before the clock starts runt's
// container is compared with crun's from inside. --lone pauses 150 ms before each command, as when a person types one.
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareInside } from './inside.mjs';
import { interleave, print } from './interleaved.mjs';
import { hasPodmanProfile, podmanProfile } from './podman-profile.mjs';
import { enterPrivateMounts } from './private-mounts.mjs';

const RUNT = new URL('../bin/runt', import.meta.url).pathname;
const PEERS = ['/usr/bin/crun', '/usr/sbin/runc'];

if (enterPrivateMounts()) main();

function main() {
  const rounds = Number(process.argv.find((word) => /^\d+$/.test(word)) ?? 100);
  const pause = process.argv.includes('--lone') ? 150 : 0;
  const folder = mkdtempSync(join(tmpdir(), 'corten-bench-runt-'));
  try {
    const bundles = {
      once: makeBundle(folder, 'once', { args: ['/true'] }),
      idle: makeBundle(folder, 'idle', { args: ['/idle'] }),
      ...(hasPodmanProfile()
        ? {
            confinedOnce: makeBundle(folder, 'confined-once', { args: ['/true'], seccomp: podmanProfile() }),
            confinedIdle: makeBundle(folder, 'confined-idle', { args: ['/idle'], seccomp: podmanProfile() }),
          }
        : {}),
    };
    const programs = [RUNT, ...PEERS.filter((path) => existsSync(path))];
    if (existsSync(PEERS[0])) compareInside(folder, [PEERS[0], RUNT]);
    const runs = programs.map((program) => runOnce(program, folder, bundles));
    const lives = programs.map((program) => lifecycle(program, folder, bundles));
    const confinedRuns = programs.map((program) => runConfined(program, folder, bundles));
    const confinedExecs = programs.map((program) => execConfined(program, folder, bundles));
    const options = { rounds, pause, afterRound: () => assertNothingLeft(folder) };
    const rows = [
      ...interleave({ subjects: runs, ...options }),
      ...interleave({ subjects: lives, ...options }),
      ...(hasPodmanProfile() ? interleave({ subjects: confinedRuns, ...options }) : []),
      ...(hasPodmanProfile() ? interleave({ subjects: confinedExecs, ...options }) : []),
    ];
    print(rows, ['crun', 'runc']);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function nameOf(program) {
  return program.split('/').at(-1);
}

function base(program, folder) {
  return [program, '--root', join(folder, `root-${nameOf(program)}`)];
}

function runOnce(program, folder, bundles) {
  const command = [...base(program, folder), 'run', '-b', bundles.once, `bench-${nameOf(program)}`];
  return { name: nameOf(program), steps: [{ name: 'run', command }] };
}

function runConfined(program, folder, bundles) {
  const id = `bench-${nameOf(program)}`;
  const command = [...base(program, folder), 'run', '-b', bundles.confinedOnce, id];
  return { name: nameOf(program), steps: [{ name: "run with podman's profile", command }] };
}

function execConfined(program, folder, bundles) {
  const id = `bench-${nameOf(program)}`;
  const step = (...args) => ({
    name: args[0],
    isUncounted: true,
    command: [...base(program, folder), ...args],
  });
  const steps = [
    step('create', '-b', bundles.confinedIdle, id),
    step('start', id),
    { ...step('exec', id, '/true'), name: "exec with podman's profile", isUncounted: false },
    step('kill', id, 'KILL'),
    { name: 'wait', isUncounted: true, command: ['/bin/sleep', '0.05'] },
    step('delete', id),
  ];
  return { name: nameOf(program), steps };
}

function lifecycle(program, folder, bundles) {
  const id = `bench-${nameOf(program)}`;
  const step = (name, ...args) => ({ name, command: [...base(program, folder), ...args] });
  const steps = [
    step('create', 'create', '-b', bundles.idle, id),
    step('start', 'start', id),
    step('exec', 'exec', id, '/true'),
    step('kill', 'kill', id, 'KILL'),
    { name: 'wait', isUncounted: true, command: ['/bin/sleep', '0.05'] },
    step('delete', 'delete', id),
  ];
  return { name: nameOf(program), steps };
}

function makeBundle(folder, name, { args, seccomp }) {
  const bundle = join(folder, name);
  mkdirSync(join(bundle, 'rootfs'), { recursive: true });
  for (const [program, source] of [
    ['true', 'int main(void){return 0;}'],
    ['idle', '#include <unistd.h>\nint main(void){for(;;)pause();}'],
  ]) {
    writeFileSync(join(folder, `${program}.c`), source);
    execFileSync('cc', [
      '-O1',
      '-static',
      '-o',
      join(bundle, 'rootfs', program),
      join(folder, `${program}.c`),
    ]);
  }
  execFileSync('runc', ['spec'], { cwd: bundle });
  const config = JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8'));
  config.process.args = args;
  config.process.terminal = false;
  if (seccomp !== undefined) config.linux.seccomp = seccomp;
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(config));
  return bundle;
}

function hierarchies() {
  return readdirSync('/sys/fs/cgroup').filter((name) => name !== 'unified');
}

/** No state, cgroup or mount of any subject may outlive its command. */
function assertNothingLeft(folder) {
  const left = readdirSync(folder)
    .filter((name) => name.startsWith('root-'))
    .flatMap((name) => readdirSync(join(folder, name)).map((id) => join(name, id)));
  const cgroups = hierarchies().flatMap((name) => {
    const group = join('/sys/fs/cgroup', name);
    return ['bench-runt', 'bench-crun', 'bench-runc']
      .map((id) => join(group, id))
      .filter((path) => existsSync(path));
  });
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(folder));
  const all = [...left, ...cgroups, ...mounts];
  if (all.length > 0) throw new Error(`Left behind: ${all.join(', ')}`);
}
