// Documents that are wrong or ask for what there is not: a sentence that names the field, and nothing left.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { Bundle, type Config } from './runtime/bundle.ts';
import type { Outcome } from './runtime/programs.ts';

function refusal(change: (config: Config) => void): string {
  using bundle = new Bundle();
  change(bundle.config);
  return textOf(bundle, bundle.run());
}

function refusalOfText(content: string | Uint8Array): string {
  using bundle = new Bundle();
  writeFileSync(`${bundle.path}/config.json`, content);
  return textOf(bundle, bundle.call(['run', '-b', bundle.path, bundle.id]));
}

/** One line, and not a trace of the container. */
function textOf(bundle: Bundle, { code, stdout, stderr }: Outcome): string {
  assert.deepEqual([code, stdout], [1, ''], stderr);
  assert.match(stderr, /^runt: [^\n]+\n$/);
  assert.deepEqual(bundle.leftovers(), []);
  return stderr;
}

test('a document that is no JSON, not UTF-8, too deep, too large or missing', () => {
  assert.match(refusalOfText(''), /config\.json: The document is not JSON/);
  assert.match(refusalOfText('{"ociVersion": "1.0.2",'), /config\.json: The document is not JSON/);
  assert.match(refusalOfText('[]'), /The document must be an object/);
  assert.match(refusalOfText('null'), /The document must be an object/);
  assert.match(refusalOfText(Uint8Array.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])), /UTF-8/);
  assert.match(refusalOfText('['.repeat(100_000)), /config\.json: The document is not JSON/);
  assert.match(refusalOfText(' '.repeat((16 << 20) + 1)), /larger than 16 MiB/);
  using bundle = new Bundle();
  assert.match(bundle.call(['run', '-b', bundle.path, bundle.id]).stderr, /Read .*\/config\.json: ENOENT/);
  execFileSync('mkfifo', [`${bundle.path}/config.json`]);
  assert.match(bundle.call(['run', '-b', bundle.path, bundle.id]).stderr, /config\.json is no regular file/);
});

test('a value of the wrong type names its field', () => {
  const wrong: readonly (readonly [(config: Config) => void, string])[] = [
    [(c) => (c['ociVersion'] = 1), 'ociVersion'],
    [(c) => (c['ociVersion'] = '2.0.0'), 'ociVersion'],
    [(c) => (c['root'] = 'rootfs' as never), 'root'],
    [(c) => (c.root['path'] = 5), 'root.path'],
    [(c) => (c.root['path'] = 'a\0b'), 'root.path'],
    [(c) => (c.root['readonly'] = 'yes'), 'root.readonly'],
    [(c) => (c['process'] = [] as never), 'process'],
    [(c) => (c.process['args'] = 'sh'), 'process.args'],
    [(c) => (c.process['args'] = []), 'process.args'],
    [(c) => (c.process['args'] = ['a', 5]), 'process.args[1]'],
    [(c) => (c.process['env'] = ['A']), 'process.env[0]'],
    [(c) => (c.process['cwd'] = 'tmp'), 'process.cwd'],
    [(c) => (c.process['user'] = { uid: -1 }), 'process.user.uid'],
    [(c) => (c.process['user'] = { uid: 4294967295 }), 'process.user.uid'],
    [(c) => (c.process['user'] = { additionalGids: ['5'] }), 'process.user.additionalGids[0]'],
    [(c) => (c.process['user'] = { umask: 512 }), 'process.user.umask'],
    [(c) => (c.process['capabilities'] = { bounding: 'CAP_KILL' }), 'process.capabilities.bounding'],
    [(c) => (c.process['rlimits'] = [{ type: 'RLIMIT_X', soft: 1, hard: 1 }]), 'process.rlimits[0].type'],
    [(c) => (c.process['rlimits'] = [{ type: 'RLIMIT_CORE', soft: 2, hard: 1 }]), 'process.rlimits[0].soft'],
    [
      (c) => (c.process['rlimits'] = [{ type: 'RLIMIT_CORE', soft: 1.5, hard: 2 }]),
      'process.rlimits[0].soft',
    ],
    [(c) => (c.process['oomScoreAdj'] = 2000), 'process.oomScoreAdj'],
    [(c) => (c.process['noNewPrivileges'] = 1), 'process.noNewPrivileges'],
    [(c) => (c['hostname'] = {}), 'hostname'],
    [(c) => (c['mounts'] = {} as never), 'mounts'],
    [(c) => c.mounts.push({ destination: 'relative/../..' }), 'mounts[5].destination'],
    [(c) => c.mounts.push({ destination: '/' }), 'mounts[5].destination'],
    [(c) => c.mounts.push({ destination: '/x', options: 'bind' }), 'mounts[5].options'],
    [(c) => c.mounts.push({ destination: '/x' }), 'mounts[5].type'],
    [(c) => c.mounts.push({ destination: '/x', options: ['bind'] }), 'mounts[5].source'],
    [(c) => (c['annotations'] = { a: 1 }), 'annotations["a"]'],
    [(c) => (c.linux['namespaces'] = [{ type: 'pid' }]), 'linux.namespaces'],
    [(c) => c.linux.namespaces.push({ type: 'pid' }), 'linux.namespaces[6].type'],
    [(c) => c.linux.namespaces.push({ type: 'moon' }), 'linux.namespaces[6].type'],
    [(c) => (c.linux['cgroupsPath'] = '../../x'), 'linux.cgroupsPath'],
    [(c) => (c.linux['cgroupsPath'] = '/'), 'linux.cgroupsPath'],
    [(c) => (c.linux['maskedPaths'] = ['proc']), 'linux.maskedPaths[0]'],
    [(c) => (c.linux['devices'] = [{ type: 'x', path: '/dev/x' }]), 'linux.devices[0].type'],
    [(c) => (c.linux['rootfsPropagation'] = 'sideways'), 'linux.rootfsPropagation'],
    [(c) => (c.linux.resources = { memory: { limit: '5m' } }), 'linux.resources.memory.limit'],
    [
      (c) => (c.linux.resources = { devices: [{ allow: true, access: 'x' }] }),
      'linux.resources.devices[0].access',
    ],
  ];
  for (const [change, field] of wrong) {
    const text = refusal(change);
    assert.ok(
      text.includes(`The field ${field} `) || text.includes(`The field ${field}.`),
      `${field}: ${text}`,
    );
  }
});

test('what is not supported yet is refused by the name of its field, never ignored', () => {
  const later: readonly (readonly [(config: Config) => void, string])[] = [
    [(c) => (c.process['apparmorProfile'] = 'x'), 'process.apparmorProfile'],
    [(c) => (c.process['selinuxLabel'] = 'x'), 'process.selinuxLabel'],
    [(c) => (c.linux['intelRdt'] = { closID: 'x' }), 'linux.intelRdt'],
    [(c) => (c.linux['mountLabel'] = 'x'), 'linux.mountLabel'],
    [(c) => (c.linux['netDevices'] = { eth0: { name: 'x' } }), 'linux.netDevices'],
    [(c) => (c.linux['memoryPolicy'] = { mode: 'MPOL_BIND', nodes: '0' }), 'linux.memoryPolicy'],
    [(c) => c.mounts.push({ destination: '/x', type: 'tmpfs', options: ['remount'] }), 'mounts[5].options'],
    [(c) => (c['windows'] = { layerFolders: ['C:\\x'] }), 'windows'],
    [(c) => (c['vm'] = { kernel: { path: '/kernel' } }), 'vm'],
    [(c) => (c['solaris'] = { milestone: 'svc:/milestone/container:default' }), 'solaris'],
    [(c) => (c['zos'] = { namespaces: [{ type: 'mount' }] }), 'zos'],
    [(c) => (c['freebsd'] = { jail: { host: 'new' } }), 'freebsd'],
  ];
  for (const [change, field] of later) {
    const text = refusal(change);
    assert.ok(text.includes(field) && text.includes('not supported by this version'), `${field}: ${text}`);
  }
});

test('what is not supported is validated before it is refused', () => {
  const wrong: readonly (readonly [(config: Config) => void, string])[] = [
    [(c) => (c.process['apparmorProfile'] = 5), 'process.apparmorProfile'],
    [(c) => (c.process['selinuxLabel'] = ['x']), 'process.selinuxLabel'],
    [(c) => (c.linux['mountLabel'] = { x: 'y' }), 'linux.mountLabel'],
    [(c) => (c.linux['intelRdt'] = { schemata: 'L3:0=f' }), 'linux.intelRdt.schemata'],
    [(c) => (c.linux['netDevices'] = { eth0: { name: 'a/b' } }), 'linux.netDevices["eth0"].name'],
    [(c) => (c.linux['memoryPolicy'] = { mode: 'MPOL_SOON' }), 'linux.memoryPolicy.mode'],
    [(c) => (c.linux['memoryPolicy'] = { mode: 'MPOL_BIND', nodes: 'all' }), 'linux.memoryPolicy.nodes'],
    [(c) => (c['windows'] = { layerFolders: 'C:' }), 'windows.layerFolders'],
    [(c) => (c['vm'] = { kernel: { path: 'kernel' } }), 'vm.kernel.path'],
    [(c) => (c['solaris'] = { cappedCPU: { ncpus: 8 } }), 'solaris.cappedCPU.ncpus'],
    [(c) => (c['zos'] = { namespaces: [{ type: 'moon' }] }), 'zos.namespaces[0].type'],
    [(c) => (c['freebsd'] = { jail: { host: 'mine' } }), 'freebsd.jail.host'],
  ];
  for (const [change, field] of wrong) {
    const text = refusal(change);
    assert.ok(text.includes(`The field ${field} must be `), `${field}: ${text}`);
  }
});

test('what is there and asks for nothing is no fault, and no profile at all is what every process has', () => {
  using bundle = new Bundle();
  for (const name of ['windows', 'solaris', 'vm', 'zos', 'freebsd']) bundle.config[name] = {};
  bundle.config.process['apparmorProfile'] = 'unconfined';
  for (const name of ['intelRdt', 'netDevices', 'memoryPolicy', 'mountLabel'])
    bundle.config.linux[name] = null;
  bundle.script('echo fine');
  assert.equal(bundle.output(), 'fine\n');
});

test('keys that name a prototype are keys like any other', () => {
  using bundle = new Bundle();
  bundle
    .script('echo fine')
    .writeWith((text) =>
      text.replace(
        /^\{/,
        '{"__proto__":{"root":{"readonly":true}},"constructor":5,"annotations":{"__proto__":"a","toString":"b"},',
      ),
    );
  assert.equal(bundle.call(['create', '-b', bundle.path, bundle.id]).code, 0);
  const { stdout } = bundle.call(['state', bundle.id]);
  assert.match(stdout, /"__proto__": "a"/);
  assert.match(stdout, /"toString": "b"/);
});

test('a program that is missing or cannot be executed', () => {
  using bundle = new Bundle();
  writeFileSync(`${bundle.rootfs}/plain`, 'text', { mode: 0o644 });
  writeFileSync(`${bundle.rootfs}/garbage`, '\u0001\u0002', { mode: 0o755 });
  for (const [args, message] of [
    [['nowhere'], /The program nowhere is not found in PATH \(\/bin\)/],
    [['/no/where'], /The program \/no\/where is not found/],
    [['/plain'], /The program \/plain cannot be executed: EACCES/],
    [['/bin'], /The program \/bin cannot be executed: EACCES/],
  ] as const) {
    bundle.config.process['args'] = [...args];
    const { code, stderr } = bundle.run();
    assert.equal(code, 1);
    assert.match(stderr, message);
    assert.deepEqual(bundle.leftovers(), []);
  }
  bundle.config.process['args'] = ['/garbage'];
  assert.notEqual(bundle.run().code, 0);
});

test('ids that are no names of directories', () => {
  using bundle = new Bundle();
  bundle.write();
  for (const id of ['..', '.', 'a/b', '', 'a b', 'x'.repeat(300), 'ä', '../../etc']) {
    const { code, stderr } = bundle.call(['run', '-b', bundle.path, '--', id]);
    assert.equal(code, 1, id);
    assert.match(stderr, /The container id ".*" is invalid: use letters, digits/);
  }
});
