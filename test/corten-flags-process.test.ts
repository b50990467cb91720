import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Engine, until } from './engine/engine.ts';

test('--env-file and --env: variables of files, those of the command line last', () => {
  using engine = new Engine();
  const [one, two] = ['one', 'two'].map((name) => join(engine.folder, name)) as [string, string];
  writeFileSync(one, '# a comment\n\nA=1\n  B=two words\nPASSED\nABSENT\nC=from file\n');
  writeFileSync(two, 'A=second\r\n');
  const flags = ['--env-file', one, '--env-file', two, '-e', 'C=flag'];
  const { text } = engine.call(['run', '--rm', ...flags, 'busybox', 'env'], { env: { PASSED: 'on' } });
  for (const line of ['A=second', 'B=two words', 'PASSED=on', 'C=flag'])
    assert.ok(text.split('\n').includes(line), line);
  assert.doesNotMatch(text, /ABSENT|comment/);
  writeFileSync(one, 'a name=1\n');
  assert.match(engine.call(['run', '--env-file', one, 'busybox']).stderr, /has a name with blanks/);
  assert.match(
    engine.call(['run', '--env-file', '/no', 'busybox']).stderr,
    /\/no of --env-file can't be read/,
  );
});

test('--label-file and --label are what inspect shows', () => {
  using engine = new Engine();
  const file = join(engine.folder, 'labels');
  writeFileSync(file, 'a=1\nempty\n# no\n');
  engine.ok('create', '--name', 'l', '--label-file', file, '--label', 'b=2', 'busybox');
  const [found] = JSON.parse(engine.ok('inspect', 'l')) as { Config: { Labels: object } }[];
  assert.deepEqual(found?.Config.Labels, { a: '1', empty: '', b: '2' });
});

test('--domainname, --sysctl and --shm-size are what the program sees', () => {
  using engine = new Engine();
  assert.equal(
    engine.script('cat /proc/sys/kernel/domainname', '--domainname', 'dom.test').text,
    'dom.test\n',
  );
  const sysctls = ['--sysctl', 'net.ipv4.ip_forward=1', '--sysctl', 'kernel.shmmax=4096'];
  assert.equal(
    engine.script('cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmax', ...sysctls).text,
    '1\n4096\n',
  );
  assert.match(
    engine.call(['run', '--sysctl', 'vm.swappiness=1', 'busybox', 'true']).stderr,
    /this one would change the host/,
  );
  assert.match(
    engine.call(['run', '--network', 'host', '--sysctl', 'net.ipv4.ip_forward=1', 'busybox', 'true']).stderr,
    /would change the host/,
  );
  assert.match(engine.script('df -k /dev/shm', '--shm-size', '3m').text, /^shm +3072 /m);
});

test('--ulimit, --umask, --oom-score-adj and --group-add are what the program has', () => {
  using engine = new Engine();
  const script = 'ulimit -Sn; ulimit -Hn; ulimit -c; umask; cat /proc/self/oom_score_adj; id -G';
  const limits = ['--ulimit', 'nofile=100:200', '--ulimit', 'core=0'];
  const others = ['--umask', '0077', '--oom-score-adj', '700', '--group-add', 'wheel', '--group-add', '4242'];
  assert.equal(engine.script(script, ...limits, ...others).text, '100\n200\n0\n0077\n700\n0 10 4242\n');
  const refused = (...flags: readonly string[]): string =>
    engine.call(['run', ...flags, 'busybox', 'true']).stderr;
  assert.match(refused('--ulimit', 'nothing=1'), /knows no limit "nothing"/);
  assert.match(refused('--ulimit', 'nofile=9:3'), /soft limit above the hard one/);
  assert.match(refused('--group-add', 'nogroup'), /no group "nogroup"/);
  assert.match(refused('--umask', '9'), /--umask takes/);
  assert.deepEqual(engine.traces(), []);
});

test('--init runs a small init that passes signals on, reaps and ends with the program', async () => {
  using engine = new Engine();
  assert.equal(engine.script('echo $$; cat /proc/1/comm; exit 7', '--init').code, 7);
  assert.equal(engine.script('echo $$', '--init').text, '2\n');
  assert.equal(engine.script('echo $$').text, '1\n');
  assert.equal(engine.script('kill -9 $$', '--init').code, 137);
  assert.equal(engine.call(['run', '--rm', '--init', 'busybox', 'nosuch']).code, 127);
  // The orphan is a zombie of whoever is the first process, until that waits for it.
  const orphan = '(sh -c "sleep 0.1 & exec true"); sleep 1; ps | grep -c "\\[sleep\\]"';
  assert.equal(engine.script(orphan, '--init').text, '0\n');
  const trap = 'trap "exit 9" TERM; echo ready; while :; do sleep 0.05; done';
  engine.ok('run', '-d', '--name', 'i', '--init', 'busybox', 'sh', '-c', trap);
  await until('the trap', () => engine.ok('logs', 'i') === 'ready');
  engine.ok('stop', 'i');
  assert.equal(engine.ok('wait', 'i'), '9');
});

test('--stop-signal and --stop-timeout are how stop asks, and how long it waits', async () => {
  using engine = new Engine();
  const script = 'trap "echo hup" HUP; trap "exit 4" USR1; echo ready; while :; do sleep 0.05; done';
  engine.ok('run', '-d', '--name', 's', '--stop-signal', 'USR1', 'busybox', 'sh', '-c', script);
  await until('the trap', () => engine.ok('logs', 's') === 'ready');
  engine.ok('stop', 's');
  assert.equal(engine.ok('wait', 's'), '4');
  const flags = ['--stop-signal=HUP', '--stop-timeout=0'];
  engine.ok('run', '-d', '--name', 't', ...flags, 'busybox', 'sh', '-c', script);
  await until('the trap', () => engine.ok('logs', 't') === 'ready');
  engine.ok('stop', 't');
  assert.equal(engine.ok('wait', 't'), '137');
  assert.match(
    engine.call(['run', '--stop-signal', 'WHAT', 'busybox']).stderr,
    /"WHAT" of --stop-signal is unknown/,
  );
});

test('--timeout kills the program when its time is over', () => {
  using engine = new Engine();
  assert.equal(engine.call(['run', '--rm', '--timeout', '1', 'busybox', 'sleep', '1000']).code, 137);
  assert.deepEqual(engine.traces(), []);
});

test('--annotation reaches the OCI runtime', () => {
  using engine = new Engine();
  const id = engine.note(engine.ok('run', '-d', '--annotation', 'org.test.a=b', 'busybox', 'sleep', '1000'));
  const state = JSON.parse(readFileSync(join(engine.run, 'runt', id), 'utf8').split('\n')[0] ?? '') as {
    annotations: object;
  };
  assert.deepEqual(state.annotations, { 'org.test.a': 'b' });
});

test('--env-host, --unsetenv and --unsetenv-all say which variables of the caller and the image are there', () => {
  using engine = new Engine();
  const say = (...flags: readonly string[]): string =>
    engine
      .call(['run', '--rm', ...flags, 'busybox', '/bin/sh', '-c', 'echo $FROM_IMAGE $OF_CALLER'], {
        env: { OF_CALLER: 'caller' },
      })
      .text.trim();
  assert.equal(say(), 'yes');
  assert.equal(say('--env-host'), 'yes caller');
  assert.equal(say('--unsetenv', 'FROM_IMAGE'), '');
  assert.equal(say('--unsetenv-all', '-e', 'OF_CALLER'), 'caller');
});
