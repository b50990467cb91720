import type { Random } from './random.ts';

/** The words of a command after `corten`. */
type Words = readonly string[];
type Operation = (world: World) => Words;

/** What operations are about: few names, so that they meet. */
export interface World {
  readonly random: Random;
  /** An image that is to be pulled. */
  readonly remote: string;
  /** A directory of the host for what is copied and saved. */
  readonly folder: string;
}

const CONTAINERS = ['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7'] as const;
const NETWORKS = ['n0', 'n1', 'n2'] as const;
const VOLUMES = ['v0', 'v1', 'v2'] as const;
const IMAGES = ['i0', 'i1', 'i2'] as const;

const container = ({ random }: World): string => random.pick(CONTAINERS);
const network = ({ random }: World): string => random.pick(NETWORKS);
const volume = ({ random }: World): string => random.pick(VOLUMES);
const made = ({ random }: World): string => random.pick(IMAGES);

/** A registry of the world's, which the names of the others would lead to, is nowhere. */
function wanted(world: World): Words {
  const name = image(world);
  return name === world.remote ? [name] : ['--pull=never', name];
}

function image(world: World): string {
  return world.random.pick(['busybox', 'busybox', 'busybox', made(world), world.remote]);
}

const PROGRAMS: readonly [Words, ...Words[]] = [
  ['sleep', '1000'],
  ['sleep', '1000'],
  ['sleep', '0.2'],
  ['true'],
  ['sh', '-c', 'echo one; sleep 0.1; echo two >&2; exit 3'],
  ['sh', '-c', 'while :; do echo a line; sleep 0.01; done'],
  ['sh', '-c', 'trap "exit 0" TERM; sleep 1000 & wait'],
  ['sh', '-c', 'sleep 1000 & sleep 1000 & exec sleep 1000'],
];

/** Each taken in some of the starts. */
const FLAGS: readonly (readonly [percent: number, flags: (world: World) => Words])[] = [
  [50, (world) => ['--network', world.random.pick(['none', 'bridge', network(world), network(world)])]],
  [30, (world) => ['-v', `${volume(world)}:/data`]],
  [10, () => ['-v', '/anonymous']],
  [20, ({ random }) => ['--restart', random.pick(['always', 'on-failure:3', 'unless-stopped'])]],
  [15, ({ random }) => ['-p', `127.0.0.1:${8080 + random.below(4)}:80`]],
  [10, () => ['--health-cmd', 'true', '--health-interval', '1s']],
  [15, () => ['-m', '64m', '--pids-limit', '50']],
  [10, () => ['--init']],
  [10, () => ['-t']],
  [10, () => ['--read-only']],
  [5, (world) => ['--volumes-from', container(world)]],
  [5, (world) => ['--network', `container:${container(world)}`]],
];

function flags(world: World): Words {
  return FLAGS.flatMap(([percent, make]) => (world.random.chance(percent) ? make(world) : []));
}

function program(world: World): Words {
  return [...wanted(world), ...world.random.pick(PROGRAMS)];
}

function inFront(world: World): Words {
  const { random } = world;
  const removal = random.chance(70) ? ['--rm'] : [];
  const words = ['run', ...removal, '--name', container(world), ...flags(world)];
  return [...words, ...wanted(world), ...random.pick([['true'], ['sh', '-c', 'echo here; exit 5']])];
}

function behind(world: World): Words {
  const removal = world.random.chance(20) ? ['--rm'] : [];
  const replacing = world.random.chance(10) ? ['--replace'] : [];
  const words = ['run', '-d', ...removal, ...replacing, '--name', container(world)];
  return [...words, ...flags(world), ...program(world)];
}

const timeout = ({ random }: World): Words => ['-t', random.pick(['0', '1'])];
const onOne =
  (...words: Words): Operation =>
  (world) => [...words, container(world)];

/** Operations by how often they come. */
const OPERATIONS: readonly (readonly [weight: number, operation: Operation])[] = [
  [20, behind],
  [10, inFront],
  [4, (world) => ['create', '--name', container(world), ...flags(world), ...program(world)]],
  [8, onOne('start')],
  [6, (world) => ['stop', ...timeout(world), container(world)]],
  [3, (world) => ['stop', ...timeout(world), container(world), container(world), container(world)]],
  [5, (world) => ['restart', ...timeout(world), container(world)]],
  [5, (world) => ['kill', '-s', world.random.pick(['KILL', 'TERM', 'HUP']), container(world)]],
  [4, onOne('rm')],
  [7, onOne('rm', '-f')],
  [3, onOne('rm', '-fv')],
  [3, onOne('pause')],
  [4, onOne('unpause')],
  [4, (world) => ['rename', container(world), container(world)]],
  [2, (world) => ['update', '--pids-limit', String(20 + world.random.below(50)), container(world)]],
  [2, (world) => ['update', '--restart', world.random.pick(['no', 'always']), container(world)]],
  [4, (world) => ['exec', container(world), 'sh', '-c', 'echo inside >/data/file']],
  [2, (world) => ['exec', '-d', container(world), 'sleep', '3']],
  [3, (world) => ['cp', `${container(world)}:/etc/passwd`, `${world.folder}/passwd`]],
  [3, (world) => ['cp', `${world.folder}/note`, `${container(world)}:/tmp/note`]],
  [2, (world) => ['export', '-o', `${world.folder}/export-${container(world)}`, container(world)]],
  [2, onOne('diff')],
  [3, onOne('logs')],
  [2, onOne('top')],
  [1, onOne('port')],
  [3, () => ['ps', '-a']],
  [3, onOne('inspect')],
  [1, () => ['stats', '--no-stream']],
  [2, (world) => ['commit', '-q', container(world), made(world)]],
  [3, (world) => ['pull', '-q', world.remote]],
  [2, (world) => ['rmi', '-f', world.random.pick([made(world), world.remote])]],
  [1, (world) => ['tag', image(world), made(world)]],
  [1, (world) => ['save', '-o', `${world.folder}/${made(world)}.tar`, image(world)]],
  [1, (world) => ['load', '-q', '-i', `${world.folder}/${made(world)}.tar`]],
  [1, () => ['images']],
  [3, (world) => ['network', 'create', network(world)]],
  [2, (world) => ['network', 'rm', network(world)]],
  [1, (world) => ['network', 'rm', '-f', network(world)]],
  [3, (world) => ['network', 'connect', network(world), container(world)]],
  [3, (world) => ['network', 'disconnect', network(world), container(world)]],
  [1, (world) => ['network', 'inspect', network(world)]],
  [1, () => ['network', 'prune', '-f']],
  [2, (world) => ['volume', 'create', volume(world)]],
  [2, (world) => ['volume', 'rm', volume(world)]],
  [1, () => ['volume', 'ls']],
  [1, () => ['volume', 'prune', '-f']],
  [1, () => ['container', 'prune', '-f']],
  [1, () => ['system', 'prune', '-f']],
  [1, () => ['image', 'prune', '-f']],
  [1, () => ['system', 'df']],
];

const TOTAL = OPERATIONS.reduce((sum, [weight]) => sum + weight, 0);

/** The next command. */
export function nextOperation(world: World): Words {
  let left = world.random.below(TOTAL);
  const chosen = OPERATIONS.find(([weight]) => (left -= weight) < 0) ?? OPERATIONS[0];
  return chosen?.[1](world) ?? ['ps'];
}
