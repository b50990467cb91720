// `npm run build`: the bundles, the native host and what lies in bin; `npm run build -- --host` leaves the Node
// program as it is. Runs on any Node from 20 on.
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
import { bundleHost, bundleNode, bundleTests } from './build/bundles.mjs';
import { appendHeaps } from './build/heaps.mjs';
import { OWN_MACHINE } from './build/machine.mjs';
import { cargoTarget } from './build/target.mjs';
import { rustEnvironment } from './setup/rust.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const targetFolder = join(root, 'native-target');
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
const isHostOnly = process.argv.includes('--host');
await Promise.all([
  bundleHost('build/host', OWN_MACHINE),
  bundleTests('build/test-host', OWN_MACHINE),
  ...(isHostOnly ? [] : [bundleNode('build/node')]),
]);
buildFree('stub');
buildFree('hello');
buildFree('init');
buildHost();
await install();

/** A program without any library, from one file. */
function buildFree(name) {
  mkdirSync(targetFolder, { recursive: true });
  const link = ['-nostdlib', '-nostartfiles', '-static', '-no-pie', '-Wl,--build-id=none', '-Wl,-n'];
  const flags = [
    '-C',
    'panic=abort',
    '-C',
    'opt-level=s',
    '-C',
    'strip=symbols',
    '-C',
    'relocation-model=static',
  ];
  const args = ['--edition', '2024', ...flags, ...link.flatMap((option) => ['-C', `link-arg=${option}`])];
  run('rustc', [...args, '-o', join(targetFolder, name), `native/${name}.rs`], environment);
}

function buildHost() {
  const { target, flags } = cargoTarget(environment);
  const extra = {
    CORTEN_CHUNKS: join(root, 'build/host'),
    CORTEN_TEST_CHUNKS: join(root, 'build/test-host'),
    CORTEN_STUB: join(targetFolder, 'stub'),
    // Nothing unwinds: a panic aborts.
    [`CFLAGS_${target.replaceAll('-', '_')}`]: '-fno-asynchronous-unwind-tables -fno-unwind-tables',
    // Tables of functions that nobody calls would be words to move at every start.
    LIBSQLITE3_FLAGS: [
      '-DSQLITE_OMIT_LOAD_EXTENSION',
      '-DSQLITE_OMIT_JSON',
      '-DSQLITE_OMIT_DATETIME_FUNCS',
      ...UNUSED_OF_SQLITE.map((name) => `-U${name}`),
    ].join(' '),
    [`CARGO_TARGET_${target.toUpperCase().replaceAll('-', '_')}_RUSTFLAGS`]: flags,
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
    place(join(targetFolder, target, 'release', name), join(targetFolder, name));
  }
}

/** build/bytecode.json: bytes of each chunk of the programs, by name. */
function recordBytecode(messages) {
  const lines = messages.split('\n').filter((line) => line.includes('"build-script-executed"'));
  const script = lines
    .map((line) => JSON.parse(line))
    .find(({ package_id: id }) => id.includes('corten-host'));
  const prefix = 'chunks.rs!';
  const files = readdirSync(script.out_dir).filter((name) => name.startsWith(prefix));
  const sizes = files.map((name) => [
    name.slice(prefix.length, -'.qbc'.length).replaceAll('!', '/'),
    statSync(join(script.out_dir, name)).size,
  ]);
  writeFileSync('build/bytecode.json', JSON.stringify(Object.fromEntries(sizes)));
}

// A running executable cannot be written to, but its name can be given to another file.
function place(from, to) {
  cpSync(from, `${to}.new`);
  renameSync(`${to}.new`, to);
}

async function install() {
  mkdirSync('bin', { recursive: true });
  const corten = join(targetFolder, 'corten');
  place(join(targetFolder, 'corten-host'), corten);
  await appendHeaps(corten, 'build/host');
  place(corten, 'bin/corten');
  place(join(targetFolder, 'corten-test-host'), 'bin/corten-test');
  place(join(targetFolder, 'init'), 'bin/corten-init');
  rmSync('bin/runt', { force: true });
  symlinkSync('corten', 'bin/runt');
}

function run(command, args, env) {
  execFileSync(command, args, { stdio: 'inherit', env });
}
