// Pods: what their containers share, and how they are made and listed.

import assert from 'node:assert/strict';
import { readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from './engine/engine.ts';
import { PodEngine } from './engine/pods.ts';

test('containers of a pod share network, IPC, /dev/shm and host name, and have processes and files of their own', () => {
  using engine = new PodEngine();
  engine.ok('pod', 'create', '--name', 'p', '--hostname', 'together');
  engine.ok(
    'run',
    '-d',
    '--pod',
    'p',
    '--name',
    'one',
    'busybox',
    'sh',
    '-c',
    'echo x >/mine; ipcmk -M 1000 >/dev/null; echo seen >/dev/shm/file; nc -l -p 80 -e echo hello; sleep 1000',
  );
  engine.ok('run', '-d', '--pod', 'p', '--name', 'other', 'busybox', 'sleep', '1000');
  for (const kind of ['net', 'ipc', 'uts'])
    assert.equal(engine.namespace('one', kind), engine.namespace('other', kind), kind);
  for (const kind of ['pid', 'mnt', 'cgroup'])
    assert.notEqual(engine.namespace('one', kind), engine.namespace('other', kind), kind);
  for (const kind of ['net', 'ipc', 'uts'])
    assert.notEqual(engine.namespace('one', kind), readlinkSync(`/proc/self/ns/${kind}`), kind);
  assert.equal(engine.ok('exec', 'other', 'hostname'), 'together');
  assert.equal(engine.ok('exec', 'other', 'cat', '/dev/shm/file', '/etc/hostname'), 'seen\ntogether');
  assert.equal(engine.ok('exec', 'other', 'nc', '-w', '2', 'one', '80'), 'hello');
  assert.equal(engine.call(['exec', 'other', 'cat', '/mine']).code, 1);
  assert.match(
    engine.ok('exec', 'other', 'cat', '/etc/hosts'),
    /^127\.0\.0\.1\ttogether\n127\.0\.0\.1\tone\n127\.0\.0\.1\tother$/m,
  );
  assert.equal(engine.ok('exec', 'other', 'sh', '-c', 'echo $HOSTNAME'), 'together');
  assert.equal(engine.monitors('corten-pod').length, 1, 'one process keeps it all');
  engine.ok('pod', 'rm', '-f', 'p');
  assert.deepEqual(engine.traces(), []);
});

test('pod create: what it is called, what it refuses, and what remains of that: nothing', () => {
  using engine = new PodEngine();
  const id = engine.ok('pod', 'create', 'word', '--label', 'a=b');
  assert.match(id, /^[0-9a-f]{64}$/);
  const file = join(engine.folder, 'id');
  const other = engine.ok('pod', 'create', '--pod-id-file', file);
  assert.equal(readFileSync(file, 'utf8'), other);
  engine.ok('run', '--rm', '--pod-id-file', file, 'busybox', 'true');
  const again = engine.ok('pod', 'create', '--replace', '--name', 'word');
  assert.notEqual(again, id);
  for (const [words, why] of [
    [['--name', 'word'], /^corten: The name "word" belongs to the pod [0-9a-f]{12}: /],
    [['--name', 'a/b'], /^corten: The name "a\/b" is invalid/],
    [['one', 'two'], /^corten: Only one name is taken/],
    [['--share', 'bogus'], /^corten: The flag --share takes ipc, net, pid, uts or none, not "bogus"/],
    [['--infra=false', '--share', 'net'], /exclude each other/],
    [
      ['--share', 'ipc', '-p', '80:80', '--network', 'bridge'],
      /needs a pod whose containers share their network/,
    ],
    [['--exit-policy', 'x'], /takes continue or stop, not "x"/],
    [['--network', 'container:x'], /networks of its own/],
    [['--hostname', 'a b'], /^corten: The flag --hostname/],
    [['--pod-id-file', file], /is there already/],
    [['--replace'], /needs a name/],
    [['--memory', 'lots'], /^corten: The flag --memory/],
  ] as const) {
    const { code, stderr } = engine.call(['pod', 'create', ...words]);
    assert.notEqual(code, 0, words.join(' '));
    assert.match(stderr, why, words.join(' '));
    assert.match(stderr, /^[^\n]+\n$/);
  }
  assert.deepEqual(
    engine.ok('pod', 'ps', '-q', '--no-trunc').split('\n').toSorted(),
    [again, other].toSorted(),
  );
  assert.equal(engine.call(['pod', 'exists', 'word']).code, 0);
  assert.equal(engine.call(['pod', 'exists', other.slice(0, 9)]).code, 0);
  assert.equal(engine.call(['pod', 'exists', 'nobody']).code, 1);
  assert.match(
    engine.call(['pod', 'rm', 'nobody']).stderr,
    /^corten: There is no pod "nobody": corten pod ps lists them/,
  );
  assert.equal(engine.call(['pod', 'rm', '-f', 'nobody']).code, 0);
  assert.equal(engine.call(['pod', 'rm', '--ignore', 'nobody']).code, 0);
  engine.ok('pod', 'rm', '--all');
  assert.deepEqual(engine.traces(), []);
});

test('run --pod refuses what is the pod’s, and leaves nothing', () => {
  using engine = new PodEngine();
  engine.ok('pod', 'create', 'p');
  for (const [words, why] of [
    [['--pod', 'nobody'], /^corten: There is no pod "nobody"/],
    [['--pod', ''], /^corten: The flag --pod needs the name/],
    [['--pod', 'p', '-p', '80:80'], /^corten: The pod p has the network of all its containers/],
    [['--pod', 'p', '--network', 'host'], /^corten: The pod p has the network of all its containers/],
    [['--pod', 'p', '--add-host', 'a:1.2.3.4'], /^corten: The pod p has the network of all its containers/],
    [['--pod', 'p', '--hostname', 'mine'], /^corten: The pod p has the host name of all its containers/],
    [['--pod', 'new:p'], /^corten: The name "p" belongs to the pod/],
    [['--pod', 'new:q', '--network', 'container:x'], /network of its own/],
    [['--pod', 'new:q', '--user', 'nobody-here'], /nobody-here/],
  ] as const) {
    const { code, stderr } = engine.call(['run', '--rm', ...words, 'busybox', 'true']);
    assert.equal(code, 125, words.join(' '));
    assert.match(stderr, why, words.join(' '));
  }
  assert.equal(engine.ok('ps', '-aq'), '');
  engine.ok('pod', 'rm', '-fa');
  assert.deepEqual(engine.traces(), []);
});

test('run --pod new:NAME makes the pod, whose host name is the container’s or the pod’s', () => {
  using engine = new PodEngine();
  assert.equal(
    engine.ok('run', '--rm', '--pod', 'new:a', '--hostname', 'foobar', 'busybox', 'hostname'),
    'foobar',
  );
  assert.equal(engine.ok('run', '--rm', '--pod', 'a', 'busybox', 'hostname'), 'foobar');
  assert.equal(engine.ok('run', '--rm', '--pod', 'new:b', 'busybox', 'hostname'), 'b');
  const created = engine.ok('create', '--pod', 'new:', '--name', 'c', 'busybox', 'echo', 'started');
  assert.equal(engine.ok('start', '-a', 'c'), 'started');
  assert.equal(
    engine.ok('ps', '-a', '--no-trunc', '--format', '{{.ID}} {{.Pod}}'),
    `${created} ${engine.ok('inspect', '-f', '{{.Pod}}', 'c')}`,
  );
  engine.ok('pod', 'rm', '-fa');
  assert.deepEqual(engine.traces(), []);
});

test('--share: only what is asked for, and --infra=false shares nothing and needs no process', () => {
  using engine = new PodEngine();
  engine.ok('pod', 'create', '--share', 'ipc', 'i');
  engine.ok('pod', 'create', '--infra=false', 'n');
  assert.equal(
    engine.ok('pod', 'inspect', '-f', '{{.SharedNamespaces}} {{.CreateInfra}}', 'i'),
    '[ipc] true',
  );
  assert.equal(engine.ok('pod', 'inspect', '-f', '{{.SharedNamespaces}} {{.CreateInfra}}', 'n'), '[] false');
  for (const pod of ['i', 'n'])
    for (const index of [1, 2])
      engine.ok(
        'run',
        '-d',
        '--pod',
        pod,
        '--name',
        `${pod}${index}`,
        '--hostname',
        `${pod}${index}`,
        'busybox',
        'sleep',
        '1000',
      );
  assert.equal(engine.namespace('i1', 'ipc'), engine.namespace('i2', 'ipc'));
  for (const kind of ['net', 'uts'])
    assert.notEqual(engine.namespace('i1', kind), engine.namespace('i2', kind));
  for (const kind of ['net', 'uts', 'ipc'])
    assert.notEqual(engine.namespace('n1', kind), engine.namespace('n2', kind));
  assert.equal(engine.ok('exec', 'i2', 'hostname'), 'i2');
  assert.equal(engine.monitors('corten-pod').length, 1);
  assert.equal(engine.ok('pod', 'ps', '--format', '{{.Status}}'), 'Running\nRunning');
  engine.ok('pod', 'stop', '-t', '0', '-a');
  assert.equal(engine.ok('pod', 'ps', '--format', '{{.Status}}'), 'Exited\nExited');
  engine.ok('pod', 'rm', '-a');
  assert.deepEqual(engine.traces(), []);
});

test('--share +pid: one tree of processes below a small init, in which nothing leads to our program', async () => {
  using engine = new PodEngine();
  engine.ok('pod', 'create', '--share', '+pid', 'p');
  assert.equal(engine.ok('pod', 'inspect', '-f', '{{.SharedNamespaces}}', 'p'), '[ipc net pid uts]');
  engine.ok('run', '-d', '--pod', 'p', '--name', 'one', 'busybox', 'sleep', '1000');
  engine.ok(
    'run',
    '-d',
    '--pod',
    'p',
    '--name',
    'two',
    '--cap-add',
    'SYS_PTRACE',
    'busybox',
    'sh',
    '-c',
    '(sleep 0.1 &); exec sleep 1001',
  );
  assert.equal(engine.namespace('one', 'pid'), engine.namespace('two', 'pid'));
  const list = await until('the orphan’s end', () => {
    const text = engine.ok('exec', 'two', 'ps');
    return text.includes('sleep 0.1') || text.includes('[sleep]') ? undefined : text;
  });
  assert.match(list, /^ +1 root +(\{corten-init\} )?corten-init$/m);
  assert.match(list, /sleep 1000[^]*sleep 1001/);
  assert.match(engine.ok('exec', 'two', 'readlink', '/proc/1/exe'), /corten-init$/);
  assert.equal(engine.call(['exec', 'one', 'kill', '-9', '1']).code, 0, 'the kernel keeps it');
  engine.ok('rm', '-f', 'one');
  assert.equal(engine.ok('exec', 'two', 'ps').match(/ sleep /g)?.length, 1, 'the others live on');
  engine.ok('pod', 'rm', '-f', 'p');
  assert.deepEqual(engine.traces(), []);
});

test('pod ps: columns, templates, filters, order', () => {
  using engine = new PodEngine();
  const a = engine.ok('pod', 'create', '--label', 'who=a', 'alpha');
  const b = engine.ok('pod', 'create', 'beta');
  const c = engine.ok('run', '-d', '--pod', 'beta', '--name', 'member', 'busybox', 'sleep', '1000');
  assert.match(
    engine.ok('pod', 'ps'),
    /^POD ID {9}NAME {6}STATUS {4}CREATED +# OF CONTAINERS\n[0-9a-f]{12} {3}beta {6}Running .* 1\n.* alpha .* 0$/,
  );
  assert.match(
    engine.ok('pod', 'ls', '--noheading', '--ctr-names', '--ctr-status', '--ctr-ids'),
    new RegExp(`${c.slice(0, 12)} +member +running`),
  );
  const shown = (...flags: readonly string[]): string =>
    engine.ok('pod', 'list', '--format', '{{.Name}}', ...flags);
  assert.equal(shown('--sort', 'name'), 'alpha\nbeta');
  assert.equal(shown('--latest'), 'beta');
  for (const [filter, names] of [
    ['name=alp', 'alpha'],
    [`id=${a.slice(0, 10)}`, 'alpha'],
    ['label=who', 'alpha'],
    ['label=who=b', ''],
    ['status=running', 'beta'],
    ['ctr-names=member', 'beta'],
    [`ctr-ids=${c.slice(0, 10)}`, 'beta'],
    ['ctr-number=0', 'alpha'],
    ['ctr-status=running', 'beta'],
    ['network=none', 'beta\nalpha'],
    ['until=1h', ''],
  ] as const)
    assert.equal(shown('--filter', filter), names, filter);
  assert.equal(
    engine.ok(
      'pod',
      'ps',
      '--no-trunc',
      '--filter',
      'name=alpha',
      '--format',
      '{{.ID}} {{.Id}} {{.Labels}} {{.Label "who"}}{{.InfraId}}',
    ),
    `${a} ${a} map[who:a] a`,
  );
  const [first = ''] = engine.ok('pod', 'ps', '--format', 'json').split('\n');
  assert.deepEqual(
    [(JSON.parse(first) as { ID: string }).ID, first.includes('InfraId')],
    [b.slice(0, 12), false],
  );
  assert.match(engine.ok('ps', '--pod'), /POD ID +PODNAME\n.* member +[0-9a-f]{12} +beta$/);
  assert.equal(
    engine.ok('ps', '--filter', `pod=${b.slice(0, 8)}`, '--format', '{{.Names}} {{.Pod}} {{.PodName}}'),
    `member ${b.slice(0, 12)} beta`,
  );
  assert.equal(engine.ok('ps', '--filter', 'pod=alpha', '-q'), '');
  assert.match(
    engine.call(['pod', 'ps', '--filter', 'x=y']).stderr,
    /^corten: The filter "x" is unknown here/,
  );
  assert.deepEqual(
    engine
      .ok('__complete', 'pod', 'stop', '')
      .split('\n')
      .map((line) => line.trim())
      .toSorted(),
    ['alpha', 'beta'],
  );
  assert.equal(
    engine.ok(
      'inspect',
      '--type',
      'pod',
      '-f',
      '{{.Name}} {{.NumContainers}} {{(index .Containers 0).Name}}',
      'beta',
    ),
    'beta 1 member',
  );
  assert.match(engine.ok('pod', 'top', 'beta'), /^UID [^]*sleep 1000$/);
  assert.match(
    engine.ok('events', '--stream=false', '--filter', 'type=pod', '--filter', 'event=start'),
    new RegExp(`pod start ${b} \\(name=beta\\)$`),
  );
});
