import assert from 'node:assert/strict';
import { existsSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Engine } from './engine/engine.ts';

const DEFAULT_CAPS = '00000000a80425fb';

function capsOf(engine: Engine, ...flags: readonly string[]): string {
  return engine
    .script('grep CapBnd /proc/self/status', ...flags)
    .text.trim()
    .replace('CapBnd:\t', '');
}

test('--cap-add and --cap-drop change the capabilities that Docker gives', () => {
  using engine = new Engine();
  assert.equal(capsOf(engine), DEFAULT_CAPS);
  assert.equal(capsOf(engine, '--cap-add', 'NET_ADMIN'), '00000000a80435fb');
  assert.equal(capsOf(engine, '--cap-add=cap_net_admin,sys_time'), '00000000aa0435fb');
  assert.equal(capsOf(engine, '--cap-drop', 'MKNOD', '--cap-drop', 'CHOWN'), '00000000a00425fa');
  assert.equal(capsOf(engine, '--cap-drop', 'all', '--cap-add', 'KILL'), '0000000000000020');
  const all = BigInt(`0x${capsOf(engine, '--cap-add', 'ALL', '--cap-drop', 'KILL')}`);
  assert.equal(all & 0x20n, 0n);
  assert.ok((all & 0x3000n) === 0x3000n);
  assert.match(
    engine.call(['run', '--cap-add', 'NONSENSE', 'busybox']).stderr,
    /--cap-add takes a capability/,
  );
});

test('a program of exec has the capabilities of its container', () => {
  using engine = new Engine();
  engine.ok('run', '-d', '--name', 'c', '--cap-drop', 'ALL', '--cap-add', 'KILL', 'busybox', 'sleep', '1000');
  assert.equal(engine.ok('exec', 'c', 'grep', 'CapEff', '/proc/self/status'), 'CapEff:\t0000000000000020');
});

test('the default seccomp profile: mount and unshare are refused, and clone3 is not there', () => {
  using engine = new Engine();
  const status = engine.script('grep Seccomp: /proc/self/status');
  assert.equal(status.text, 'Seccomp:\t2\n');
  assert.match(engine.script('mount -t tmpfs none /tmp').stderr, /Operation not permitted|permission denied/);
  assert.match(engine.script('umount /proc').stderr, /Operation not permitted/);
  engine.ok('run', '-d', '--name', 'e', 'busybox', 'sleep', '1000');
  assert.equal(engine.ok('exec', 'e', 'grep', 'Seccomp:', '/proc/self/status'), 'Seccomp:\t2');
});

test('--security-opt seccomp= takes unconfined, and a profile in the form of Docker or the OCI', () => {
  using engine = new Engine();
  const seccomp = (value: string, script = 'grep Seccomp: /proc/self/status'): string =>
    engine.script(`{ ${script}; } 2>&1`, '--security-opt', `seccomp=${value}`).text.trim();
  assert.equal(seccomp('unconfined'), 'Seccomp:\t0');
  const file = join(engine.folder, 'profile.json');
  const rule = { action: 'SCMP_ACT_ERRNO', errnoRet: 95 };
  writeFileSync(
    file,
    JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ ...rule, names: ['mkdir'] }] }),
  );
  assert.match(seccomp(file, 'mkdir /x'), /not supported/);
  const docker = {
    defaultAction: 'SCMP_ACT_ALLOW',
    archMap: [{ architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] }],
    syscalls: [
      {
        ...rule,
        names: ['mkdir'],
        includes: { caps: ['CAP_SYS_ADMIN'] },
        excludes: {},
        comment: 'of admins',
      },
      { ...rule, name: 'rmdir', includes: { arches: ['amd64'], minKernel: '4.8' } },
      { ...rule, names: ['link'], includes: { minKernel: '99.0' } },
    ],
  };
  writeFileSync(file, JSON.stringify(docker));
  const script = 'mkdir /x && rmdir /x; echo >/a; ln /a /b && echo linked';
  assert.match(seccomp(file, script), /^rmdir: .*not supported\nlinked$/);
  const refused = (value: string): string =>
    engine.call(['run', '--security-opt', `seccomp=${value}`, 'busybox', 'true']).stderr;
  assert.match(refused('/no/such'), /seccomp profile "\/no\/such" can't be read/);
  writeFileSync(file, '{');
  assert.match(refused(file), /is no JSON/);
  writeFileSync(
    file,
    '{"defaultAction":"SCMP_ACT_WHAT","syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW"}]}',
  );
  assert.match(refused(file), /seccomp\.defaultAction/);
  assert.deepEqual(
    engine.traces().filter((trace) => !trace.startsWith('mount')),
    [],
  );
});

test('--security-opt no-new-privileges, mask, unmask, systempaths and writable-cgroups are what they say', () => {
  using engine = new Engine();
  const opt = (script: string, ...options: readonly string[]): string =>
    engine.script(script, ...options.map((one) => `--security-opt=${one}`)).text.trim();
  const noNew = 'grep NoNewPrivs /proc/self/status';
  assert.equal(opt(noNew), 'NoNewPrivs:\t0');
  assert.equal(opt(noNew, 'no-new-privileges'), 'NoNewPrivs:\t1');
  assert.equal(opt(noNew, 'no-new-privileges:true'), 'NoNewPrivs:\t1');
  const timers = 'cat /proc/timer_list | wc -c';
  assert.equal(opt(timers), '0');
  assert.notEqual(opt(timers, 'unmask=/proc/timer_list'), '0');
  assert.notEqual(opt(timers, 'systempaths=unconfined'), '0');
  assert.equal(opt('cat /etc/group | wc -c', 'mask=/etc/group'), '0');
  const isWritable = 'grep " /sys/fs/cgroup" /proc/mounts | grep -q "[ ,]ro," && echo ro || echo rw';
  assert.equal(opt(isWritable), 'ro');
  assert.equal(opt(isWritable, 'writable-cgroups=true'), 'rw');
  const refused = (option: string): string =>
    engine.call(['run', '--security-opt', option, 'busybox', 'true']).stderr;
  assert.match(refused('apparmor=own'), /AppArmor are not supported/);
  assert.match(refused('label=type:t'), /SELinux are not supported/);
  assert.match(refused('nonsense'), /"nonsense" of --security-opt is unknown/);
  assert.equal(engine.call(['run', '--rm', '--security-opt', 'label=disable', 'busybox', 'true']).code, 0);
});

test('--privileged: devices of the host, a /sys that can be written, nothing masked and no filter', () => {
  using engine = new Engine();
  const script =
    'grep Seccomp: /proc/self/status; grep sysfs /proc/mounts; ls /dev/fuse; cat /proc/timer_list | wc -c';
  const { text } = engine.script(script, '--privileged');
  assert.match(text, /^Seccomp:\t0\nsysfs \/sys sysfs rw,.*\n\/dev\/fuse\n[1-9]\d*\n$/);
  assert.equal(engine.script(': </dev/fuse && echo opened', '--privileged').text, 'opened\n');
});

test('--device shows a device, under its own name or another, with the access that is asked for', () => {
  using engine = new Engine();
  const open = (path: string): string => `: <${path} && echo open`;
  assert.notEqual(engine.script(open('/dev/fuse')).code, 0);
  assert.equal(engine.script(open('/dev/fuse'), '--device', '/dev/fuse').text, 'open\n');
  assert.equal(engine.script(open('/dev/own'), '--device', '/dev/fuse:/dev/own').text, 'open\n');
  assert.notEqual(engine.script(': >>/dev/own', '--device', '/dev/fuse:/dev/own:r').code, 0);
  if (existsSync('/dev/net')) {
    assert.match(engine.script('ls /dev/net', '--device', '/dev/net').text, /tun/);
  }
  const { code, stderr } = engine.call(['run', '--device', '/dev/absent', 'busybox', 'true']);
  assert.deepEqual([code, /\/dev\/absent is no device/.test(stderr)], [125, true]);
  assert.deepEqual(engine.traces(), []);
});

test('--pid, --ipc, --uts, --userns and --cgroupns: of the host, of another container, or its own', () => {
  using engine = new Engine();
  const name = (kind: string, ...flags: readonly string[]): string =>
    engine.script(`readlink /proc/self/ns/${kind}`, ...flags).text.trim();
  const other = engine.note(engine.ok('run', '-d', '--name', 'other', 'busybox', 'sleep', '1000'));
  const pid = (JSON.parse(engine.ok('inspect', other)) as { State: { Pid: number } }[])[0]?.State.Pid ?? 0;
  for (const kind of ['pid', 'ipc', 'uts']) {
    const host = readlinkSync(`/proc/self/ns/${kind}`);
    assert.notEqual(name(kind), host);
    assert.equal(name(kind, `--${kind}`, 'host'), host);
    assert.equal(name(kind, `--${kind}`, 'container:other'), readlinkSync(`/proc/${pid}/ns/${kind}`));
  }
  assert.equal(name('cgroup', '--cgroupns', 'host'), readlinkSync('/proc/self/ns/cgroup'));
  assert.notEqual(name('cgroup', '--cgroupns', 'private'), readlinkSync('/proc/self/ns/cgroup'));
  assert.equal(name('user', '--userns', 'host'), readlinkSync('/proc/self/ns/user'));
  assert.match(engine.script('ps', '--pid', 'container:other').text, /sleep 1000/);
  engine.ok('exec', 'other', 'sh', '-c', 'echo shared >/dev/shm/x');
  assert.equal(engine.script('cat /dev/shm/x', '--ipc', 'container:other').text, 'shared\n');
  assert.doesNotMatch(engine.script('cat /proc/mounts', '--ipc', 'none').text, /\/dev\/shm/);
  engine.ok('kill', 'other');
  engine.ok('wait', 'other');
  const { code, stderr } = engine.call(['run', '--rm', '--pid', 'container:other', 'busybox', 'true']);
  assert.deepEqual([code, /other, whose namespaces are wanted, is not running/.test(stderr)], [125, true]);
});

test('names of the host are never changed by --domainname or --hostname with --uts', () => {
  using engine = new Engine();
  const before = readFileSync('/proc/sys/kernel/domainname', 'utf8');
  for (const flag of ['--domainname', '--hostname']) {
    assert.match(
      engine.call(['run', '--rm', '--uts', 'host', flag, 'changed', 'busybox', 'true']).stderr,
      /would change the name of others/,
    );
  }
  assert.equal(readFileSync('/proc/sys/kernel/domainname', 'utf8'), before);
});
