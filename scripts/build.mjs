// `npm run build`: the bundles, the native host and what lies in bin; `npm run build -- --host` leaves the Node
// program as it is, and `--machine aarch64` builds for another machine, into build/aarch64. Runs on any Node from 20 on.
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundleHost, bundleNode, bundleTests } from './build/bundles.mjs';
import { arrangeHeaps } from './build/arrange-heaps.mjs';
import { appendHeaps, makeHeaps } from './build/heaps.mjs';
import { OWN_MACHINE } from './build/machine.mjs';
import { cargoTarget, crossCompiler, freeTarget } from './build/target.mjs';
import { muslHeaders, prepareMachine, emulatorOf } from './setup/foreign-machine.mjs';
import { rustEnvironment } from './setup/rust.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values } = parseArgs({
  options: { host: { type: 'boolean' }, machine: { type: 'string', default: OWN_MACHINE } },
});
const { machine } = values;
const isOwn = machine === OWN_MACHINE;
/** What is for another machine lies beside what is for this one. */
const built = isOwn ? 'build' : join('build', machine);
const bin = isOwn ? 'bin' : join(built, 'bin');
const targetFolder = join(root, 'native-target');
const programs = isOwn ? targetFolder : join(targetFolder, machine);
const environment = rustEnvironment();
const UNUSED_OF_SQLITE = [
  'SQLITE_ENABLE_DBSTAT_VTAB',
  'SQLITE_ENABLE_FTS3',
  'SQLITE_ENABLE_FTS3_PARENTHESIS',
  'SQLITE_ENABLE_FTS5',
  'SQLITE_ENABLE_LOAD_EXTENSION',
  'SQLITE_ENABLE_RTREE',
  'SQLITE_ENABLE_STAT4',
  'SQLITE_SOUNDEX',
];

process.chdir(root);
if (!isOwn) prepareMachine(machine);
await Promise.all([
  bundleHost(join(built, 'host'), machine),
  bundleTests(join(built, 'test-host'), machine),
  ...(values.host || !isOwn ? [] : [bundleNode('build/node')]),
]);
for (const name of ['stub', 'hello', 'init']) buildFree(name);
buildHost();
await install();

/** A program without any library, from one file. */
function buildFree(name) {
  mkdirSync(programs, { recursive: true });
  const flags = ['panic=abort', 'opt-level=s', 'strip=symbols', 'relocation-model=static'];
  const args = ['--edition', '2024', ...flags.flatMap((flag) => ['-C', flag]), ...freeTarget(machine)];
  run('rustc', [...args, '-o', join(programs, name), `native/${name}.rs`], environment);
}

function buildHost() {
  const { target, flags } = cargoTarget(environment, machine);
  const key = target.replaceAll('-', '_');
  const cross = isOwn ? {} : crossCompiler(machine, muslHeaders(machine));
  const extra = {
    ...cross,
    CORTEN_CHUNKS: join(root, built, 'host'),
    CORTEN_TEST_CHUNKS: join(root, built, 'test-host'),
    CORTEN_STUB: join(programs, 'stub'),
    // Nothing unwinds: a panic aborts.
    [`CFLAGS_${key}`]: `-fno-asynchronous-unwind-tables -fno-unwind-tables ${cross[`CFLAGS_${key}`] ?? ''}`,
    // Tables of functions that nobody calls would be words to move at every start.
    LIBSQLITE3_FLAGS: [
      '-DSQLITE_OMIT_LOAD_EXTENSION',
      '-DSQLITE_OMIT_JSON',
      '-DSQLITE_OMIT_DATETIME_FUNCS',
      ...UNUSED_OF_SQLITE.map((name) => `-U${name}`),
    ].join(' '),
    [`CARGO_TARGET_${key.toUpperCase()}_RUSTFLAGS`]: flags.join(' '),
  };
  const args = [
    'build',
    '--release',
    '--quiet',
    '--locked',
    '--target',
    target,
    '--target-dir',
    targetFolder,
  ];
  const json = ['--manifest-path', 'native/Cargo.toml', '--message-format', 'json-render-diagnostics'];
  const messages = execFileSync('cargo', [...args, ...json], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...environment, ...extra },
  });
  recordBytecode(messages);
  for (const name of ['corten-host', 'corten-test-host']) {
    place(join(targetFolder, target, 'release', name), join(programs, name));
  }
}

/** build/bytecode.json: bytes of each chunk of the programs, by name. */
function recordBytecode(messages) {
  const lines = messages.split('\n').filter((line) => line.includes('"build-script-executed"'));
  const script = lines
    .map((line) => JSON.parse(line))
    .find(({ package_id: id }) => id.includes('corten-host'));
  const prefix = 'corten-host.rs!';
  const files = readdirSync(script.out_dir).filter((name) => name.startsWith(prefix));
  const sizes = files.map((name) => [
    name.slice(prefix.length, -'.qbc'.length).replaceAll('!', '/'),
    statSync(join(script.out_dir, name)).size,
  ]);
  writeFileSync(join(built, 'bytecode.json'), JSON.stringify(Object.fromEntries(sizes)));
}

// A running executable cannot be written to, but its name can be given to another file.
function place(from, to) {
  cpSync(from, `${to}.new`);
  renameSync(`${to}.new`, to);
}

async function install() {
  mkdirSync(bin, { recursive: true });
  const corten = join(programs, 'corten');
  const host = join(programs, 'corten-host');
  place(host, corten);
  const heaps = makeHeaps(corten, join(built, 'host'), isOwn ? undefined : emulatorOf(machine));
  // Which of their pages are written to only containers show, which another machine's programs can't make here.
  const arranged = isOwn ? await arrangeHeaps(host, heaps, { targetFolder, environment }) : heaps;
  appendHeaps(corten, arranged);
  place(corten, join(bin, 'corten'));
  place(join(programs, 'corten-test-host'), join(bin, 'corten-test'));
  place(join(programs, 'init'), join(bin, 'corten-init'));
  rmSync(join(bin, 'runt'), { force: true });
  symlinkSync('corten', join(bin, 'runt'));
}

function run(command, args, env) {
  execFileSync(command, args, { stdio: 'inherit', env });
}
