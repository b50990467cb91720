// When and over whom the filter is loaded.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Bundle } from './runtime/bundle.ts';
import { allowingAll, callingBundle, GETPGRP, rule, SIGSYS_CODE } from './runtime/confined.ts';
import { RUNT, runCommand } from './runtime/programs.ts';

test('the filter is loaded last: after it there is nothing but execve', () => {
  // The program is static and makes two calls; nothing else may be needed.
  const profile = {
    defaultAction: 'SCMP_ACT_KILL_PROCESS',
    syscalls: [rule('execve', 'ALLOW'), rule('exit_group', 'ALLOW'), rule('write', 'ALLOW')],
  };
  using bundle = new Bundle();
  bundle.config.linux['seccomp'] = profile;
  bundle.config.process['noNewPrivileges'] = true;
  const tiny = `void _start(void){long r;__asm__ volatile("syscall":"=a"(r):"a"(1L),"D"(1L),"S"("ok\\n"),"d"(3L):"rcx","r11","memory");__asm__ volatile("syscall"::"a"(231L),"D"(7L):"rcx","r11");}`;
  writeFileSync(join(bundle.folder, 'tiny.c'), tiny);
  const path = join(bundle.rootfs, 'bin/tiny');
  assert.equal(
    runCommand(['cc', '-O1', '-static', '-nostdlib', '-o', path, join(bundle.folder, 'tiny.c')]).code,
    0,
  );
  bundle.config.process['args'] = ['/bin/tiny'];
  for (const user of [
    { uid: 0, gid: 0 },
    { uid: 1000, gid: 1000 },
  ]) {
    bundle.config.process['user'] = user;
    const { code, stdout, stderr } = bundle.run();
    assert.deepEqual([code, stdout], [7, 'ok\n'], stderr);
  }
  // Without noNewPrivileges CAP_SYS_ADMIN has to be given back under the filter.
  bundle.config.process['noNewPrivileges'] = false;
  assert.equal(bundle.run().code, SIGSYS_CODE);
  profile.syscalls.push(rule('capset', 'ALLOW'));
  assert.equal(bundle.run().code, 7);
});

test('without noNewPrivileges the process has the same powers as without a filter', () => {
  const some = ['CAP_KILL', 'CAP_NET_BIND_SERVICE', 'CAP_CHOWN'];
  const admin = [...some, 'CAP_SYS_ADMIN'];
  for (const user of [
    { uid: 0, gid: 0 },
    { uid: 1000, gid: 1000 },
  ]) {
    for (const set of [some, admin]) {
      for (const ambient of [[], set]) {
        using bundle = new Bundle();
        bundle.config.process['user'] = user;
        bundle.config.process['capabilities'] = {
          bounding: set,
          permitted: set,
          effective: set,
          inheritable: ambient,
          ambient,
        };
        bundle.script('grep -E "^(Cap|NoNewPrivs)" /proc/self/status');
        const plain = bundle.output();
        bundle.config.linux['seccomp'] = allowingAll(rule('getppid', 'ERRNO'));
        assert.equal(bundle.output(), plain, JSON.stringify([user, set, ambient]));
        assert.equal(bundle.run({}, 'crun').stdout, plain);
      }
    }
  }
});

test('where memfd_create is refused the filter is over the program all the same', () => {
  using bundle = callingBundle(allowingAll(rule('getpgrp', 'ERRNO', { errnoRet: 99 })), `64:${GETPGRP[64]}`);
  bundle.write();
  const command = [RUNT, '--root', `${bundle.folder}/state-runt`, 'run', '-b', bundle.path, bundle.id];
  const refusing = ['strace', '-f', '-qq', '-o', '/dev/null', '-e', 'inject=memfd_create:error=ENOSYS'];
  const { code, stdout, stderr } = runCommand([...refusing, ...command]);
  assert.deepEqual([code, stdout], [0, '99\n'], stderr);
});

test('in a user namespace too', () => {
  const mapping = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
  for (const noNewPrivileges of [true, false]) {
    using bundle = new Bundle();
    bundle.config.process['noNewPrivileges'] = noNewPrivileges;
    bundle.config.linux.namespaces.push({ type: 'user' });
    Object.assign(bundle.config.linux, { uidMappings: mapping, gidMappings: mapping });
    assert.equal(runCommand(['chown', '-hR', '100000:100000', bundle.rootfs]).code, 0);
    bundle.script('grep -E "^(Cap|NoNewPrivs)" /proc/self/status; grep -c "Seccomp:.2" /proc/self/status');
    const plain = bundle.run().stdout;
    bundle.config.linux['seccomp'] = allowingAll(rule('getppid', 'ERRNO'));
    assert.equal(bundle.output(), plain.replace(/0\n$/, '1\n'));
    bundle.start();
    const { stdout, stderr } = bundle.call(['exec', bundle.id, 'grep', 'Seccomp:', '/proc/self/status']);
    assert.equal(stdout, 'Seccomp:\t2\n', stderr);
  }
});

test('exec puts the container’s filter over what it runs', () => {
  using bundle = callingBundle(allowingAll(rule('getpgrp', 'ERRNO', { errnoRet: 99 })));
  bundle.start();
  const { stdout, stderr } = bundle.call(['exec', bundle.id, '/bin/calls', `64:${GETPGRP[64]}`]);
  assert.equal(stdout, '99\n', stderr);
  const status = bundle.call(['exec', '-u', '1000', bundle.id, 'grep', 'Seccomp', '/proc/self/status']);
  assert.equal(status.stdout, 'Seccomp:\t2\nSeccomp_filters:\t1\n');
});

test('exec into a container whose filter is no longer on record is refused', () => {
  using bundle = callingBundle(allowingAll(rule('getpgrp', 'ERRNO')));
  bundle.start();
  const file = join(bundle.folder, 'state-runt', bundle.id);
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.split('\n').slice(0, 2).join('\n'));
  const { code, stdout, stderr } = bundle.call(['exec', bundle.id, 'echo', 'hello']);
  assert.deepEqual([code, stdout], [255, '']);
  assert.match(stderr, /The seccomp filter of the container \S+ is not on record/);
  writeFileSync(file, text);
  assert.equal(bundle.call(['exec', bundle.id, 'echo', 'hello']).stdout, 'hello\n');
});

test('flags reach the kernel; without any it is SPEC_ALLOW', () => {
  const flagsOf = (flags: readonly string[] | undefined): string => {
    using bundle = callingBundle(
      { ...allowingAll(rule('getpgrp', 'ERRNO')), ...(flags === undefined ? {} : { flags }) },
      `64:${GETPGRP[64]}`,
    );
    bundle.write();
    const command = [RUNT, '--root', `${bundle.folder}/state-runt`, 'run', '-b', bundle.path, bundle.id];
    const { stderr } = runCommand(['strace', '-f', '-e', 'trace=seccomp', '-qq', ...command]);
    return /seccomp\(SECCOMP_SET_MODE_FILTER, ([^,]+), \{len=/.exec(stderr)?.[1] ?? stderr;
  };
  const name = (flag: string): string => `SECCOMP_FILTER_FLAG_${flag}`;
  assert.equal(flagsOf(undefined), name('SPEC_ALLOW'));
  assert.equal(flagsOf([]), '0');
  assert.equal(flagsOf([name('LOG')]), name('LOG'));
  assert.equal(
    flagsOf([name('TSYNC'), name('LOG'), name('SPEC_ALLOW')]),
    `${name('LOG')}|${name('SPEC_ALLOW')}`,
  );
  assert.equal(flagsOf([name('WAIT_KILLABLE_RECV')]), '0');
});

test('a filter that the program itself loads comes on top', () => {
  const names = ['getppid'];
  using bundle = callingBundle({
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [{ names, action: 'SCMP_ACT_ERRNO' }],
  });
  bundle.config.process['args'] = ['sh', '-c', 'grep Seccomp_filters /proc/self/status'];
  assert.equal(bundle.output(), 'Seccomp_filters:\t1\n');
});

test('the profile is applied in a container that is created first and started later', () => {
  using bundle = callingBundle(allowingAll(rule('getpgrp', 'ERRNO', { errnoRet: 99 })));
  bundle.config.process['args'] = ['sh', '-c', `/bin/calls 64:${GETPGRP[64]} > /out`];
  bundle.write();
  assert.equal(bundle.call(['create', '-b', bundle.path, bundle.id]).code, 0);
  assert.equal(bundle.call(['start', bundle.id]).code, 0);
  const wait = `for i in $(seq 100); do test -s ${bundle.rootfs}/out && break; sleep 0.02; done`;
  runCommand(['sh', '-c', wait]);
  assert.equal(readFileSync(join(bundle.rootfs, 'out'), 'utf8'), '99\n');
});
