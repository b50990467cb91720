// ps, images and inspect: filters, formats, and what they say of containers in each state.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine, until } from './engine/engine.ts';

const SLEEPER = ['busybox', 'sleep', '1000'] as const;

function names(engine: Engine, ...flags: readonly string[]): string {
  return engine.ok('ps', '--format', '{{.Names}}', ...flags).replaceAll('\n', ' ');
}

test('ps lists by its filters', () => {
  using engine = new Engine();
  assert.equal(
    engine.call(['run', '--name', 'done', '-l', 'tier=web', 'busybox', 'sh', '-c', 'exit 3']).code,
    3,
  );
  engine.ok('run', '--name', 'fine', 'busybox', 'true');
  engine.ok('run', '-d', '--name', 'up-1', '-l', 'tier=web', '-l', 'zone', '-v', '/tmp:/data', ...SLEEPER);
  engine.ok('run', '-d', '--name', 'up-2', '-l', 'tier=db', '--network', 'host', ...SLEEPER);
  assert.equal(names(engine), 'up-2 up-1');
  assert.equal(names(engine, '-a'), 'up-2 up-1 fine done');
  assert.equal(names(engine, '-n', '3'), 'up-2 up-1 fine');
  assert.equal(names(engine, '-l'), 'up-2');
  const id = engine.ok('ps', '-aq', '--no-trunc', '--filter', 'name=done');
  const cases: readonly (readonly [filters: readonly string[], found: string])[] = [
    [['name=up'], 'up-2 up-1'],
    [['name=^up-1$'], 'up-1'],
    [['name=up-1', 'name=up-2'], 'up-2 up-1'],
    [['label=tier=web'], 'up-1'],
    [['label=tier'], 'up-2 up-1'],
    [['label=tier=web', 'label=zone'], 'up-1'],
    [['status=exited'], 'fine done'],
    [['status=exited', 'status=running'], 'up-2 up-1 fine done'],
    [['status=paused'], ''],
    [['exited=3'], 'done'],
    [['exited=0', 'exited=3'], 'fine done'],
    [['ancestor=busybox'], 'up-2 up-1'],
    [['ancestor=nosuch'], ''],
    [['before=up-1'], 'fine done'],
    [['since=fine'], 'up-2 up-1'],
    [['volume=/data'], 'up-1'],
    [['volume=/tmp'], 'up-1'],
    [['network=host'], 'up-2'],
    [[`id=${id.slice(0, 8)}`, 'status=exited'], 'done'],
    [['until=2020-01-01'], ''],
    [['until=0s', 'label=tier=db'], 'up-2'],
    [['command=sleep'], 'up-2 up-1'],
  ];
  for (const [filters, found] of cases) {
    const flags = filters.flatMap((filter) => ['-f', filter]);
    assert.equal(names(engine, ...flags), found, filters.join(' '));
  }
  for (const filter of ['nosuch=1', 'name', 'status=odd', 'exited=x', 'before=nosuch', 'name=[', 'until=x']) {
    assert.equal(engine.call(['ps', '-f', filter]).code, 125, filter);
  }
});

test('ps prints tables, JSON and templates as docker does', () => {
  using engine = new Engine();
  engine.ok('run', '-d', '--name', 'one', '-l', 'a=b', '-l', 'com.example.some-key=c', ...SLEEPER);
  engine.ok('exec', 'one', 'sh', '-c', 'head -c 3000 /dev/zero >/tmp/file');
  const format = (text: string, ...flags: readonly string[]): string =>
    engine.ok('ps', '--format', text, ...flags);
  assert.equal(format('table {{.Names}}\\t{{.Image}}'), 'NAMES     IMAGE\none       busybox');
  assert.equal(format('table {{upper .Names}} {{.Label "com.example.some-key"}}'), 'NAMES SOME KEY\nONE c');
  assert.equal(
    format('{{.Names}}: {{.Label "a"}}{{.Label "absent"}} {{.Command}} {{.State}}'),
    'one: b "sleep 1000" running',
  );
  assert.equal(format('{{range .}}<{{.Names}}>{{end}}'), '<one>');
  assert.equal(
    format('{{.Size}}', '-s'),
    '3kB (virtual ' + engine.ok('images', '--format', '{{.Size}})').replace(')', '') + ')',
  );
  assert.match(engine.ok('ps', '-s'), /SIZE\n.* 3kB \(virtual /);
  const row = JSON.parse(format('json')) as Record<string, string>;
  assert.equal(row['Labels'], 'a=b,com.example.some-key=c');
  assert.deepEqual(JSON.parse(format('{{json .}}')), row);
  assert.deepEqual(Object.keys(row), Object.keys(row).toSorted());
  assert.equal(engine.call(['ps', '--format', '{{.Nosuch}}']).code, 125);
  assert.equal(engine.call(['ps', '--format', '{{.Names']).code, 125);
});

test('pause freezes and unpause lets go on; ps, inspect and exec know', async () => {
  using engine = new Engine();
  const script = 'i=0; while :; do i=$((i+1)); echo $i; sleep 0.01; done';
  engine.ok('run', '-d', '--name', 'p', 'busybox', 'sh', '-c', script);
  const lines = (): number => engine.ok('logs', 'p').split('\n').length;
  await until('output', () => lines() > 3);
  assert.equal(engine.ok('pause', 'p'), 'p');
  const before = lines();
  assert.match(engine.ok('ps', '--format', '{{.State}} {{.Status}}'), /^paused Up .* \(Paused\)$/);
  assert.equal(names(engine, '-f', 'status=paused'), 'p');
  assert.equal(names(engine, '-f', 'status=running'), '');
  assert.equal(
    engine.ok('inspect', '-f', '{{.State.Status}} {{.State.Paused}} {{.State.Running}}', 'p'),
    'paused true true',
  );
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(lines(), before);
  assert.match(engine.call(['pause', 'p']).stderr, /is paused already/);
  assert.match(engine.call(['exec', 'p', 'true']).stderr, /corten unpause p lets it go on/);
  assert.equal(engine.ok('unpause', 'p'), 'p');
  await until('more output', () => lines() > before);
  assert.match(engine.call(['unpause', 'p']).stderr, /is not paused/);
  assert.equal(engine.call(['pause', 'absent']).code, 1);
  engine.ok('pause', 'p');
  engine.ok('stop', '-t', '0', 'p');
  assert.equal(engine.ok('ps', '-a', '--format', '{{.State}}'), 'exited');
  assert.match(engine.call(['pause', 'p']).stderr, /is not running/);
  engine.ok('run', '-d', '--name', 'q', ...SLEEPER);
  engine.ok('pause', 'q');
  engine.ok('rm', '-f', 'q');
});

test('images lists by filters and formats', () => {
  using engine = new Engine({ Labels: { tier: 'base' } });
  engine.ok('tag', 'busybox', 'localhost:5000/team/tools:1.2');
  const list = (...flags: readonly string[]): string =>
    engine.ok('images', '--format', '{{.Repository}}:{{.Tag}}', ...flags).replaceAll('\n', ' ');
  assert.equal(list(), 'busybox:latest localhost:5000/team/tools:1.2');
  assert.equal(list('busybox'), 'busybox:latest');
  assert.equal(list('busybox:latest'), 'busybox:latest');
  assert.equal(list('busybox:1'), '');
  assert.equal(list('-f', 'reference=busy*'), 'busybox:latest');
  assert.equal(list('-f', 'reference=localhost:5000/*/tools'), 'localhost:5000/team/tools:1.2');
  assert.equal(list('-f', 'reference=localhost:5000/*'), '');
  assert.equal(list('-f', 'label=tier=base', '-f', 'reference=busybox'), 'busybox:latest');
  assert.equal(list('-f', 'label=tier=top'), '');
  assert.equal(list('-f', 'dangling=true'), '');
  assert.equal(list('-f', 'dangling=false', 'busybox'), 'busybox:latest');
  assert.equal(list('-f', 'until=2020-01-01'), '');
  assert.equal(list('-f', 'before=busybox'), '');
  assert.match(
    engine.ok('images', '--digests'),
    /^REPOSITORY +TAG +DIGEST +IMAGE ID .*\nbusybox +latest +sha256:[0-9a-f]{64} /,
  );
  assert.equal(engine.ok('images', '-q').split('\n').length, 1);
  assert.equal(engine.call(['images', '-f', 'nosuch=1']).code, 125);
});

test('inspect tells all that was asked for, in docker’s fields', () => {
  using engine = new Engine({ Volumes: { '/kept': {} } });
  engine.ok('volume', 'create', 'named');
  const flags = [
    ['--memory', '64m', '--cpus', '0.5', '--pids-limit', '20', '--cpu-shares', '200'],
    ['-v', 'named:/data:ro', '-v', '/tmp:/host', '--tmpfs', '/scratch:size=1m'],
    ['--restart', 'on-failure:3', '--health-cmd', 'true', '--health-interval', '90s'],
    [
      '--cap-add',
      'NET_ADMIN',
      '--cap-drop',
      'MKNOD',
      '--ulimit',
      'nofile=100:200',
      '--sysctl',
      'net.ipv4.ip_forward=1',
    ],
    [
      '--stop-timeout',
      '7',
      '--init',
      '--shm-size',
      '1m',
      '--device',
      '/dev/null:/dev/other',
      '--log-opt',
      'max-size=1m',
    ],
  ].flat();
  engine.ok('run', '-d', '--name', 'all', ...flags, ...SLEEPER);
  const one = (template: string): string => engine.ok('inspect', '-f', template, 'all');
  assert.equal(
    one(
      '{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}} {{json .HostConfig.PidsLimit}} {{.HostConfig.CpuShares}}',
    ),
    `${64 << 20} 500000000 20 200`,
  );
  assert.equal(
    one('{{range .Mounts}}{{.Type}} {{.Destination}} {{.RW}};{{end}}'),
    'volume /data false;bind /host true;volume /kept true;',
  );
  assert.match(
    one('{{range .Mounts}}{{if eq .Type "volume"}}{{.Name}}={{.Source}} {{end}}{{end}}'),
    /^named=\/.*\/named\/\S+ [0-9a-f]{64}=/,
  );
  assert.equal(
    one(
      '{{json .HostConfig.Tmpfs}} {{.HostConfig.RestartPolicy.Name}} {{.HostConfig.RestartPolicy.MaximumRetryCount}}',
    ),
    '{"/scratch":"noexec,nosuid,nodev,size=1m"} on-failure 3',
  );
  assert.equal(
    one('{{json .Config.Healthcheck.Test}} {{.Config.Healthcheck.Interval}}'),
    '["CMD-SHELL","true"] 90000000000',
  );
  assert.match(one('{{.State.Health.Status}}'), /^(?:starting|healthy)$/);
  assert.equal(
    one('{{.HostConfig.CapAdd}} {{.HostConfig.CapDrop}} {{json .HostConfig.Ulimits}}'),
    '[CAP_NET_ADMIN] [CAP_MKNOD] [{"Name":"nofile","Hard":200,"Soft":100}]',
  );
  assert.equal(
    one(
      '{{index .HostConfig.Sysctls "net.ipv4.ip_forward"}} {{.Config.StopTimeout}} {{.HostConfig.Init}} {{.HostConfig.ShmSize}}',
    ),
    '1 7 true 1048576',
  );
  assert.equal(
    one('{{json .HostConfig.Devices}} {{index .HostConfig.LogConfig.Config "max-size"}}'),
    '[{"PathOnHost":"/dev/null","PathInContainer":"/dev/other","CgroupPermissions":"rwm"}] 1m',
  );
  assert.equal(
    one('{{index .Config.CreateCommand 1}} {{.ID}}'),
    `run ${engine.ok('ps', '-q', '--no-trunc')}`,
  );
  engine.ok('exec', 'all', 'sh', '-c', 'head -c 5000 /dev/zero >/tmp/file');
  const sizes = engine
    .ok('inspect', '--size', '-f', '{{.SizeRw}} {{.SizeRootFs}}', 'all')
    .split(' ')
    .map(Number);
  assert.ok((sizes[0] ?? 0) >= 5000 && (sizes[1] ?? 0) > (sizes[0] ?? 0), String(sizes));
  assert.equal(engine.ok('inspect', '-f', '{{.Name}}', 'named'), 'named');
  assert.equal(engine.ok('inspect', '--type', 'network', '-f', '{{.Name}}', 'none'), 'none');
  assert.match(engine.ok('inspect', '-f', '{{.Id}}', 'busybox'), /^sha256:/);
  assert.match(engine.call(['inspect', 'absent']).stderr, /There is no container "absent"/);
  assert.equal(engine.call(['inspect', '--type', 'odd', 'all']).code, 125);
  assert.equal(engine.call(['inspect', '--type', 'image', 'all']).code, 1);
});
