// Published attacks on low-level runtimes by processes, users and descriptors, each tried for real: docs/ledger.md.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { test } from 'node:test';
import { Bundle } from './runtime/bundle.ts';
import { RUNT, runCommand } from './runtime/programs.ts';

const ALL = ['CAP_SYS_ADMIN', 'CAP_DAC_OVERRIDE', 'CAP_DAC_READ_SEARCH', 'CAP_NET_ADMIN', 'CAP_SETUID'];

function digest(): string {
  return createHash('sha256').update(readFileSync(RUNT)).digest('hex');
}

function powerful(bundle: Bundle): void {
  bundle.config.process['capabilities'] = { bounding: ALL, permitted: ALL, effective: ALL };
}

test('CVE-2019-5736: neither a script of /proc/self/exe nor a library of its own reaches the runtime', () => {
  using bundle = new Bundle();
  powerful(bundle);
  const before = digest();
  writeFileSync(`${bundle.rootfs}/script`, '#!/proc/self/exe\n', { mode: 0o755 });
  writeFileSync(`${bundle.rootfs}/deeper`, '#!/script\n', { mode: 0o755 });
  symlinkSync('/proc/self/exe', `${bundle.rootfs}/link`);
  for (const program of ['/proc/self/exe', '/script', '/deeper', '/link', '/proc/1/exe', '/proc/self/fd/3']) {
    bundle.config.process['args'] = [program, '--version'];
    const { code, stdout, stderr } = bundle.run();
    assert.notEqual(code, 0, program);
    assert.doesNotMatch(stdout + stderr, /runt version/, program);
  }
  bundle.start();
  for (const program of ['/script', '/link', '/proc/self/exe'])
    assert.doesNotMatch(bundle.call(['exec', bundle.id, program, '--version']).stdout, /runt version/);
  assert.equal(digest(), before);
});

test('CVE-2019-5736: who catches an exec at work finds a file that cannot be written, and never the runtime', () => {
  using bundle = new Bundle();
  powerful(bundle);
  const before = digest();
  symlinkSync('/proc/self/exe', `${bundle.rootfs}/link`);
  // Held open for later, when nobody executes it any more: then a write would not be refused as busy.
  const watch = `while :; do for p in /proc/[0-9]*; do
    case $(readlink $p/exe) in /bin/busybox|"") ;; *) readlink $p/exe >> /seen
    exec 9<$p/exe && (sleep 0.1; echo overwritten > /proc/self/fd/9 && echo wrote >> /seen) 2>/dev/null ;; esac
    done; done`;
  bundle.config.process['args'] = ['sh', '-c', watch];
  bundle.write();
  assert.equal(bundle.call(['run', '-d', '-b', bundle.path, bundle.id]).code, 0);
  for (let round = 0; round < 30; round++) bundle.call(['exec', bundle.id, '/link', '--version']);
  bundle.call(['delete', '--force', bundle.id]);
  const seen = existsSync(`${bundle.rootfs}/seen`) ? readFileSync(`${bundle.rootfs}/seen`, 'utf8') : '';
  assert.doesNotMatch(seen, /wrote|corten|runt$/m);
  assert.equal(digest(), before);
});

test('CVE-2024-21626: a working directory that is a descriptor of the host is refused, of run and of exec', () => {
  using bundle = new Bundle();
  powerful(bundle);
  bundle.script('cat ../../../../../etc/hostname; pwd');
  const places = [
    ...Array.from({ length: 13 }, (_, fd) => `/proc/self/fd/${fd + 3}`),
    '/link',
    '/proc/1/fd/8/../..',
  ];
  symlinkSync('/proc/self/fd/7', `${bundle.rootfs}/link`);
  for (const cwd of places) {
    bundle.config.process['cwd'] = cwd;
    const { code, stdout } = bundle.run();
    assert.deepEqual([code, stdout], [1, ''], cwd);
  }
  bundle.config.process['cwd'] = '/';
  bundle.start();
  for (const cwd of places)
    assert.equal(
      bundle.call(['exec', '--cwd', cwd, bundle.id, 'cat', '../../../../etc/hostname']).code,
      255,
      cwd,
    );
  const etc = openSync('/etc', 'r');
  try {
    const flags = ['--preserve-fds', '1', '--cwd', '/proc/self/fd/3'];
    const { code, stderr } = bundle.call(['exec', ...flags, bundle.id, 'cat', 'hostname'], {
      descriptors: [etc],
    });
    assert.equal(code, 255);
    assert.match(stderr, /The directory \/proc\/self\/fd\/3 lies outside the container's root/);
  } finally {
    closeSync(etc);
  }
});

test('CVE-2016-9962, CVE-2024-21626: the program has the standard streams and no descriptor of the host', () => {
  using bundle = new Bundle();
  powerful(bundle);
  const list =
    'ls /proc/self/fd; for fd in /proc/1/fd/*; do readlink $fd; done | grep -v "^/tmp\\|^pipe\\|^/dev/null"; true';
  const command = ['sh', '-c', `exec 5</etc/passwd 7</etc 9</; exec "$@"`, 'sh', RUNT];
  const root = ['--root', `${bundle.folder}/state-runt`];
  bundle.script(list).write();
  assert.equal(runCommand([...command, ...root, 'run', '-b', bundle.path, bundle.id]).stdout, '0\n1\n2\n3\n');
  bundle.start();
  const outcome = runCommand([...command, ...root, 'exec', bundle.id, 'sh', '-c', 'ls /proc/$$/fd; true']);
  assert.equal(outcome.stdout, '0\n1\n2\n');
});

test('CVE-2026-30892: exec --user takes numbers alone, and what is none is refused, never another user', () => {
  using bundle = new Bundle();
  bundle.start();
  const as = (user: string): { code: number; stdout: string; stderr: string } =>
    bundle.call(['exec', '--user', user, bundle.id, 'id']);
  for (const user of [
    '',
    ':',
    '1000x',
    'x',
    'root',
    '-1',
    '+5',
    '1e3',
    '0x10',
    ' 7',
    '1000:',
    ':5',
    '5:6:7',
    '5 6',
    '1000,0',
    '٣',
  ]) {
    const { code, stdout, stderr } = as(user);
    assert.deepEqual([code, stdout], [255, ''], user);
    assert.match(stderr, /The flag --user takes numeric ids/, user);
  }
  assert.match(as('1000').stdout, /^uid=1000 gid=0/);
  assert.match(as('1000:7').stdout, /^uid=1000 gid=7/);
});

test('CVE-2024-40635, CVE-2026-46680: a user id beyond 31 bits is that user and beyond 32 refused, never root', () => {
  using bundle = new Bundle();
  bundle.start();
  for (const uid of ['4294967295', '4294967296', '99999999999', '18446744073709551616'])
    assert.equal(bundle.call(['exec', '--user', uid, bundle.id, 'id']).code, 255, uid);
  assert.match(bundle.call(['exec', '--user', '2147483648', bundle.id, 'id']).stdout, /^uid=2147483648/);
  using other = new Bundle();
  for (const uid of [2 ** 32 - 1, 2 ** 32, 2 ** 53, -1, 1.5]) {
    other.config.process['user'] = { uid, gid: 0 };
    assert.match(other.run().stderr, /process\.user\.uid/);
  }
  other.config.process['user'] = { uid: 2 ** 32 - 2, gid: 2 ** 31 };
  assert.match(other.script('id').output(), /^uid=4294967294 gid=2147483648/);
});

test('CVE-2022-29162: no capability is inheritable that the document does not name', () => {
  using bundle = new Bundle();
  powerful(bundle);
  assert.match(bundle.script('grep CapInh /proc/self/status').output(), /^CapInh:\t0000000000000000$/m);
  bundle.start();
  const { stdout } = bundle.call([
    'exec',
    '--cap',
    'CAP_KILL',
    bundle.id,
    'grep',
    'CapInh',
    '/proc/self/status',
  ]);
  assert.match(stdout, /^CapInh:\t0000000000000000$/m);
});

test('CVE-2020-15257: no abstract socket is there for a container in the host’s network', () => {
  using bundle = new Bundle();
  const before = abstractSockets();
  bundle.config.linux.namespaces = bundle.config.linux.namespaces.filter(({ type }) => type !== 'network');
  bundle.script('sleep 1000').write();
  assert.equal(bundle.call(['create', '-b', bundle.path, bundle.id]).code, 0);
  assert.deepEqual(
    abstractSockets().filter((name) => !before.includes(name) && /runt|corten/.test(name)),
    [],
  );
  assert.equal(bundle.call(['start', bundle.id]).code, 0);
  assert.deepEqual(
    abstractSockets().filter((name) => !before.includes(name) && /runt|corten/.test(name)),
    [],
  );
});

function abstractSockets(): readonly string[] {
  return readFileSync('/proc/net/unix', 'utf8').match(/@.*$/gm) ?? [];
}

test('CVE-2025-24965, CVE-2026-53488: annotations choose no handler, and nothing is written for or run by one', () => {
  using bundle = new Bundle();
  const outside = `${bundle.folder}/outside`;
  symlinkSync(outside, `${bundle.rootfs}/.krun_config.json`);
  bundle.config['annotations'] = {
    'run.oci.handler': 'krun',
    'run.oci.hooks.stdout': `${outside}-stdout`,
    'run.oci.hooks.stderr': `${outside}-stderr`,
    'run.oci.seccomp.receiver': `${outside}-socket`,
    'run.oci.pidfd_receiver': `${outside}-pidfd`,
    'org.criu.config': `${outside}-criu`,
    'module.wasm.image/variant': 'compat',
  };
  bundle.config['hooks'] = { createRuntime: [{ path: '/bin/true' }] };
  assert.equal(bundle.script('echo fine').output(), 'fine\n');
  assert.equal(runCommand(['sh', '-c', `ls -d ${outside}* 2>/dev/null; true`]).stdout, '');
});

test('CVE-2026-53489, CVE-2026-53492, CVE-2026-50195: there is no checkpoint to restore from', () => {
  using bundle = new Bundle();
  mkdirSync(`${bundle.folder}/image`);
  copyFileSync('/etc/hostname', `${bundle.folder}/image/inventory.img`);
  const { code, stderr } = bundle.call([
    'restore',
    '--image-path',
    `${bundle.folder}/image`,
    '-b',
    bundle.path,
    bundle.id,
  ]);
  assert.deepEqual([code, bundle.leftovers()], [1, []]);
  assert.match(stderr, /The command restore is not supported/);
});
