import assert from 'node:assert/strict';
import { chownSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Engine } from './engine/engine.ts';

/** A directory of the host with a file. */
function folder(engine: Engine, name = 'data'): string {
  const path = join(engine.folder, name);
  mkdirSync(join(path, 'inner'), { recursive: true });
  writeFileSync(join(path, 'file'), 'of the host');
  return path;
}

function refusal(engine: Engine, ...flags: readonly string[]): string {
  const { code, stderr } = engine.call(['run', ...flags, 'busybox', 'true']);
  assert.equal(code, 125, flags.join(' '));
  return stderr;
}

test('--mount type=bind: shown, read-only, with its propagation, alone, made where it is missing', () => {
  using engine = new Engine();
  const data = folder(engine);
  const mount = (script: string, options: string): string =>
    engine.script(`{ ${script}; } 2>&1`, '--mount', `type=bind,${options}`).text;
  assert.equal(mount('cat /m/file', `src=${data},dst=/m`), 'of the host');
  assert.match(mount('echo x >/m/new', `source=${data},target=/m,readonly`), /Read-only file system/);
  assert.match(mount('echo x >/m/new', `source=${data},target=/m,ro=true`), /Read-only file system/);
  assert.equal(mount('echo x >/m/new', `source=${data},target=/m,ro=false`), '');
  const optional = (options: string): string =>
    /(\S+) - /.exec(mount('grep " /m " /proc/self/mountinfo', `src=${data},dst=/m${options}`))?.[1] ?? '';
  assert.doesNotMatch(optional(''), /master|shared/);
  assert.equal(mount('cat "/m/file"', `"src=${data}",dst=/m`), 'of the host');
  const missing = join(engine.folder, 'a/b');
  assert.match(refusal(engine, '--mount', `type=bind,src=${missing},dst=/m`), /source does not exist/);
  assert.equal(mount('ls /m', `src=${missing},dst=/m,bind-create-src`), '');
  assert.ok(existsSync(missing));
});

test('--mount of other kinds: tmpfs, image with a part of it, volume with a part of it', () => {
  using engine = new Engine();
  const mount = (script: string, ...options: readonly string[]): string =>
    engine.script(script, ...options.map((one) => `--mount=${one}`)).text;
  const lines = mount('df -k /t | tail -1; stat -c %a /t', 'type=tmpfs,dst=/t,tmpfs-size=2m,tmpfs-mode=1700');
  assert.match(lines, /^tmpfs +2048 [^]*\n1700\n$/);
  assert.match(mount('ls /i', 'type=image,src=busybox,dst=/i'), /^bin$/m);
  assert.equal(
    mount('cat /g/group | head -1', 'type=image,src=busybox,dst=/g,image-subpath=etc'),
    'root:x:0:root\n',
  );
  assert.equal(mount('touch /i/x || echo ro', 'type=image,src=busybox,dst=/i'), 'ro\n');
  engine.ok('volume', 'create', 'v');
  mount('mkdir /v/part; echo in >/v/part/file', 'type=volume,src=v,dst=/v');
  assert.equal(mount('cat /p/file', 'type=volume,src=v,dst=/p,volume-subpath=part'), 'in\n');
  assert.match(refusal(engine, '--mount', 'type=volume,src=v,dst=/p,volume-subpath=none'), /has no "none"/);
  assert.match(
    refusal(engine, '--mount', 'type=image,src=busybox,dst=/p,image-subpath=none'),
    /has no "none"/,
  );
  assert.deepEqual(engine.traces(), []);
});

test('a path below a volume that leads out of it stays within', () => {
  using engine = new Engine();
  engine.script('ln -s / /v/out; ln -s ../../../.. /v/up', '-v', 'trap:/v');
  for (const link of ['out', 'up']) {
    const { text } = engine.script('ls /p', '--mount', `type=volume,src=trap,dst=/p,volume-subpath=${link}`);
    assert.equal(text, 'out\nup\n');
  }
});

test('--mount is refused where it makes no sense, in one sentence', () => {
  using engine = new Engine();
  const cases: readonly (readonly [string, RegExp])[] = [
    ['type=what,dst=/x', /type "what" of --mount is unknown/],
    ['type=bind,src=/tmp', /needs a place in the container/],
    ['type=bind,dst=/x', /needs a source/],
    ['type=bind,src=/tmp,dst=/x,size=1', /key "size" of --mount type=bind is unknown/],
    ['type=bind,src=/tmp,dst=/x,ro=maybe', /key ro of --mount takes true or false/],
    ['type=tmpfs,dst=/x,tmpfs-size=much', /tmpfs-size of --mount takes a size/],
    ['type=volume,src=v,dst=/x,volume-subpath=../y', /must lie below its source/],
    ['type=bind,src=/tmp,dst=/x/../y', /without "\.\."/],
    ['type=bind,src=/tmp,dst=/proc/1', /files of the kernel below \/proc/],
    ['type=volume,src=-a,dst=/x', /volume name "-a" is invalid/],
  ];
  for (const [text, message] of cases) assert.match(refusal(engine, '--mount', text), message);
  assert.match(refusal(engine, '-v', '/tmp:/x', '--tmpfs', '/x'), /Two volumes want the place \/x/);
});

test('--tmpfs: an empty directory in memory with the options that are given', () => {
  using engine = new Engine();
  const tmpfs = (script: string, value: string): string => engine.script(script, '--tmpfs', value).text;
  const options = (value: string): string => tmpfs('grep " /t " /proc/mounts', value);
  assert.match(options('/t'), /^tmpfs \/t tmpfs rw,nosuid,nodev,noexec/);
  assert.match(options('/t:exec,dev'), /^tmpfs \/t tmpfs rw,nosuid,relatime/);
  assert.match(options('/t:size=64k,mode=1770,uid=1000'), /size=64k,mode=1770,uid=1000/);
  assert.equal(tmpfs('echo x >/t/y || echo sealed', '/t:ro'), 'sealed\n');
  assert.match(refusal(engine, '--tmpfs', '/t:nonsense'), /option "nonsense" of --tmpfs \/t is unknown/);
});

test('--volume: U gives the directory to the user, bind leaves out what is mounted below, noexec is noexec', () => {
  using engine = new Engine();
  const data = folder(engine);
  chownSync(join(data, 'file'), 5, 5);
  assert.equal(
    engine.script('echo new >/d/file; cat /d/file', '-u', 'jane', '-v', `${data}:/d:U`).text,
    'new\n',
  );
  assert.deepEqual([statSync(data).uid, statSync(join(data, 'inner')).gid], [1000, 1001]);
  assert.match(
    engine.script('grep " /d " /proc/mounts', '-v', `${data}:/d:noexec,nosuid`).text,
    /nosuid,noexec/,
  );
  for (const mode of ['rslave', 'rprivate', 'rshared', 'Z', 'z', 'cached', 'bind'])
    assert.equal(engine.script('cat /d/file', '-v', `${data}:/d:${mode}`).text, 'new\n', mode);
  assert.doesNotMatch(engine.script('cat /proc/mounts', '-v', '/sys:/d:bind').text, / \/d\/fs/);
  assert.match(engine.script('cat /proc/mounts', '-v', '/sys:/d').text, / \/d\/fs/);
  assert.match(refusal(engine, '-v', `${data}:/d:what`), /option "what" of the volume/);
});

test('volumes are mounted from the top down, whatever their kinds', () => {
  using engine = new Engine();
  const data = folder(engine);
  const flags = ['-v', `${data}:/a/b`, '--tmpfs', '/a', '-v', 'named:/a/b/inner'];
  assert.equal(engine.script('cat /a/b/file; echo >/a/b/inner/x && ls /a', ...flags).text, 'of the hostb\n');
  assert.equal(existsSync(join(engine.store, 'volumes/named/_data/x')), true);
});

test('--volumes-from shows the volumes of another container, read-only on request', () => {
  using engine = new Engine();
  const data = folder(engine);
  const flags = ['-v', `${data}:/host`, '-v', '/anonymous', '--tmpfs', '/memory'];
  engine.ok('create', '--name', 'first', ...flags, 'busybox', 'sh', '-c', 'echo kept >/anonymous/x');
  engine.ok('start', '-a', 'first');
  const seen = (text: string): string =>
    engine.script('cat /host/file /anonymous/x; grep -c " /memory " /proc/mounts', '--volumes-from', text)
      .text;
  assert.equal(seen('first'), 'of the hostkept\n1\n');
  const { stderr } = engine.script('echo x >/host/new', '--volumes-from', 'first:ro');
  assert.match(stderr, /Read-only/);
  assert.match(refusal(engine, '--volumes-from', 'absent'), /no container "absent"/);
  assert.equal(readFileSync(join(data, 'file'), 'utf8'), 'of the host');
});

test('--read-only leaves what is mounted to be written', () => {
  using engine = new Engine();
  const { text, stderr } = engine.script(
    'echo x >/y; echo z >/t/z && cat /t/z',
    '--read-only',
    '--tmpfs',
    '/t',
  );
  assert.match(stderr, /Read-only file system/);
  assert.equal(text, 'z\n');
});

test('--tz is the time zone of the program', () => {
  using engine = new Engine();
  const say = (zone: string): string =>
    engine.script('ls -l /etc/localtime >/dev/null && wc -c </etc/localtime', '--tz', zone).text.trim();
  assert.equal(say('Asia/Tokyo'), String(readFileSync('/usr/share/zoneinfo/Asia/Tokyo').length));
  for (const wrong of ['../../etc/passwd', 'Nowhere/Land'])
    assert.match(engine.script('true', '--tz', wrong).stderr, /The flag --tz takes local or a name of/);
});
