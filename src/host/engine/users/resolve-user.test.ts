import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sys } from '../../kernel/call.ts';
import { createFile, makeDirectories } from '../../kernel/files.ts';
import { Scratch } from '../trial/scratch.ts';
import { resolveUser } from './resolve-user.ts';

const PASSWD =
  'root:x:0:0:root:/root:/bin/sh\nbroken\n1000:x:5:6::/:\njane:x:1000:1001::/home/jane:\nbig:x:99999999999:1::/:\n';
const GROUP = 'root:x:0:\nwheel:x:10:root,jane\nextra:x:1001:jane\nmore:x:20:jane,root\n7:x:70:\n';

class Root extends Scratch {
  constructor(passwd = PASSWD, group = GROUP) {
    super();
    makeDirectories(`${this.path}/etc`);
    createFile(`${this.path}/etc/passwd`, passwd);
    createFile(`${this.path}/etc/group`, group);
  }

  resolve(text: string): ReturnType<typeof resolveUser> {
    return resolveUser(this.directory.number, text);
  }
}

test('resolveUser() reads names and numbers, the groups of a name, and no others with a group given', () => {
  using root = new Root();
  assert.deepEqual(root.resolve(''), { uid: 0, gid: 0, groups: [10, 20] });
  assert.deepEqual(root.resolve('jane'), { uid: 1000, gid: 1001, groups: [10, 20] });
  assert.deepEqual(root.resolve('jane:wheel'), { uid: 1000, gid: 10, groups: [] });
  assert.deepEqual(root.resolve('jane:42'), { uid: 1000, gid: 42, groups: [] });
  assert.deepEqual(root.resolve('77'), { uid: 77, gid: 0, groups: [] });
  assert.deepEqual(root.resolve('77:extra'), { uid: 77, gid: 1001, groups: [] });
  // A name of digits wins over the number, as Docker has it.
  assert.deepEqual(root.resolve('1000'), { uid: 5, gid: 6, groups: [] });
  assert.deepEqual(root.resolve('0:7'), { uid: 0, gid: 70, groups: [] });
});

test('resolveUser() names what there is none of', () => {
  using root = new Root();
  assert.throws(() => root.resolve('nobody'), /no user "nobody" in the container's \/etc\/passwd/);
  assert.throws(() => root.resolve('jane:nobody'), /no group "nobody"/);
  assert.throws(() => root.resolve('big'), { code: 'ENGINE_USER_UNKNOWN' });
  assert.throws(() => root.resolve('99999999999'), { code: 'ENGINE_USER_UNKNOWN' });
  assert.throws(() => root.resolve('-1'), { code: 'ENGINE_USER_UNKNOWN' });
});

test('resolveUser() follows links inside the root alone, and takes what is no file for an empty one', () => {
  using root = new Root();
  sys('unlink', `${root.path}/etc/passwd`);
  sys('symlink', '/etc/group', `${root.path}/etc/passwd`);
  assert.throws(() => root.resolve('jane'), { code: 'ENGINE_USER_UNKNOWN' });
  sys('unlink', `${root.path}/etc/passwd`);
  sys('symlink', '../../../../../../../../etc/passwd', `${root.path}/etc/passwd`);
  assert.throws(() => root.resolve('daemon'), { code: 'ENGINE_USER_UNKNOWN' });
  sys('unlink', `${root.path}/etc/passwd`);
  sys('mknod', `${root.path}/etc/passwd`, 0o010644, 0);
  assert.deepEqual(root.resolve('5'), { uid: 5, gid: 0, groups: [] });
});
