// cp between the host and containers, both ways and as archives; what hostile containers and archives may not do.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TarEntry } from '../src/pure/archive/tar-entry.ts';
import { TarWriter } from '../src/pure/archive/tar-writer.ts';
import { Engine, type Outcome } from './engine/engine.ts';

const named = (text: string): Uint8Array => Buffer.from(text);

/** What an entry is unless a test says otherwise. */
const PLAIN: TarEntry = {
  path: named(''),
  type: 'file',
  link: named(''),
  size: 0,
  mode: 0o644,
  uid: 0,
  gid: 0,
  mtime: { seconds: 0, nanoseconds: 0 },
  device: { major: 0, minor: 0 },
  xattrs: new Map(),
};

const SLEEPER = ['busybox', 'sleep', '1000'] as const;

/** A container that runs, with a folder of the host for what is copied. */
class Copying {
  readonly engine = new Engine();
  readonly folder = join(this.engine.folder, 'here');

  constructor(...flags: readonly string[]) {
    mkdirSync(this.folder);
    this.engine.ok('run', '-d', '--name', 'c', ...flags, ...SLEEPER);
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, text: string): string {
    writeFileSync(this.path(name), text);
    return this.path(name);
  }

  sh(script: string): string {
    return this.engine.ok('exec', 'c', 'sh', '-c', script);
  }

  cp(...args: readonly string[]): string {
    return this.engine.ok('cp', ...args);
  }

  /** What a cp that must fail says. */
  refused(...args: readonly string[]): string {
    const { code, stderr } = this.engine.call(['cp', ...args]);
    assert.notEqual(code, 0, args.join(' '));
    return stderr;
  }

  [Symbol.dispose](): void {
    this.engine[Symbol.dispose]();
  }
}

test('a file goes into a container and back: under its own name, another, or in place of a file', () => {
  using c = new Copying();
  const file = c.write('a.txt', 'one');
  utimesSync(file, 1_700_000_000, 1_700_000_000);
  c.cp(file, 'c:/tmp');
  assert.equal(c.sh('cat /tmp/a.txt; stat -c " %u %g %a %Y" /tmp/a.txt'), 'one 0 0 644 1700000000');
  c.cp(file, 'c:/tmp/b.txt');
  c.cp(file, 'c:tmp/c.txt');
  c.sh('echo old >/tmp/d.txt');
  c.cp(file, 'c:/tmp/d.txt');
  assert.equal(c.sh('cat /tmp/b.txt /tmp/c.txt /tmp/d.txt'), 'oneoneone');
  c.sh('echo two >/tmp/e.txt');
  c.cp('c:/tmp/e.txt', c.path('e.txt'));
  c.cp('c:/tmp/e.txt', c.folder);
  c.cp('c:/tmp/e.txt', c.path('a.txt'));
  assert.equal(readFileSync(c.path('a.txt'), 'utf8'), 'two\n');
  assert.match(c.refused(file, 'c:/nosuch/x'), /There is no directory c:\/nosuch/);
  assert.match(c.refused(file, 'c:/tmp/nosuch/'), /There is no directory c:\/tmp\/nosuch\//);
  assert.match(c.refused('c:/nosuch', c.folder), /There is no file or directory c:\/nosuch/);
  assert.match(c.refused(c.path('nosuch'), 'c:/tmp'), /There is no file or directory .*nosuch/);
  assert.match(c.refused(file, c.folder), /names a container/);
  assert.match(c.refused('absent:/x', c.folder), /There is no container "absent"/);
});

test('a directory goes as itself into one that is there, under a new name, or as its content', () => {
  using c = new Copying();
  mkdirSync(c.path('d/inner'), { recursive: true });
  c.write('d/file', 'f');
  c.write('d/inner/deep', 'deep');
  c.cp(c.path('d'), 'c:/tmp');
  assert.equal(c.sh('cat /tmp/d/file /tmp/d/inner/deep'), 'fdeep');
  c.cp(c.path('d'), 'c:/tmp/new');
  assert.equal(c.sh('cat /tmp/new/file'), 'f');
  c.cp(`${c.path('d')}/.`, 'c:/tmp/content');
  assert.equal(c.sh('cat /tmp/content/file'), 'f');
  c.sh('mkdir /tmp/there');
  c.cp(`${c.path('d')}/.`, 'c:/tmp/there');
  assert.equal(c.sh('ls /tmp/there'), 'file\ninner');
  c.cp('c:/tmp/d', c.folder);
  c.cp('c:/tmp/d/.', c.path('back'));
  assert.deepEqual(readdirSync(c.path('back')).toSorted(), ['file', 'inner']);
  c.sh('echo >/tmp/plain; mkdir /tmp/file');
  assert.match(c.refused(c.path('d'), 'c:/tmp/plain'), /is a file, which no directory can replace/);
  assert.match(c.refused(c.path('d/file'), 'c:/tmp'), /There is a directory where the file/);
  c.sh('rm -r /tmp/there/inner; echo >/tmp/there/inner');
  assert.match(c.refused(`${c.path('d')}/.`, 'c:/tmp/there'), /There is a file or link where the directory/);
  assert.equal(c.sh('cat /tmp/there/inner'), '');
});

test('links are copied as links unless -L follows the one at the end; hard links, pipes and holes stay', () => {
  using c = new Copying();
  c.sh(
    'mkdir /tmp/l; cd /tmp/l; echo x >real; ln -s real soft; ln real hard; mkfifo pipe; truncate -s 1M hole; ln -s /tmp/l /tmp/way',
  );
  c.cp('c:/tmp/l', c.folder);
  assert.equal(readlinkSync(c.path('l/soft')), 'real');
  assert.equal(statSync(c.path('l/hard')).ino, statSync(c.path('l/real')).ino);
  assert.ok(lstatSync(c.path('l/pipe')).isFIFO());
  assert.equal(statSync(c.path('l/hole')).size, 1 << 20);
  c.cp('c:/tmp/way', c.path('link'));
  assert.equal(readlinkSync(c.path('link')), '/tmp/l');
  c.cp('-L', 'c:/tmp/way', c.path('followed'));
  assert.equal(readFileSync(c.path('followed/real'), 'utf8'), 'x\n');
  c.cp('-L', 'c:/tmp/l/soft', c.path('file'));
  assert.equal(readFileSync(c.path('file'), 'utf8'), 'x\n');
  c.cp('c:/tmp/way/real', c.path('through'));
  assert.equal(readFileSync(c.path('through'), 'utf8'), 'x\n');
});

test('- is an archive, in both directions', () => {
  using c = new Copying();
  c.sh('mkdir -p /tmp/t/in; echo x >/tmp/t/in/file');
  const archive = c.engine.call(['cp', 'c:/tmp/t', '-']).stdout;
  const listed = execFileSync('tar', ['-tf', '-'], { input: archive, encoding: 'utf8' });
  assert.equal(listed, 't/\nt/in/\nt/in/file\n');
  mkdirSync(c.path('src'));
  chownSync(c.write('src/owned', 'o'), 1234, 4321);
  const made = execFileSync('tar', ['-C', c.folder, '-cf', '-', 'src']);
  const { code, stderr } = c.engine.call(['cp', '-', 'c:/tmp'], { input: made });
  assert.equal(code, 0, stderr);
  assert.equal(c.sh('stat -c "%u %g" /tmp/src/owned'), '1234 4321');
  assert.match(c.engine.call(['cp', '-', 'c:/tmp/nosuch'], { input: made }).stderr, /is no directory/);
  assert.match(c.engine.call(['cp', '-', 'c:/tmp'], { input: 'no tar' }).stderr, /no tar archive/);
  assert.match(c.engine.call(['cp', '-', '-']).stderr, /names a container/);
});

test('-a keeps owners, and without it nothing from a container gains power on the host', () => {
  using c = new Copying();
  c.sh(
    'cp /bin/busybox /tmp/su; chown 1000:1001 /tmp/su; chmod 6755 /tmp/su; mkdir /tmp/dev; mknod /tmp/dev/null c 1 3',
  );
  c.cp('c:/tmp/su', c.path('plain'));
  const plain = statSync(c.path('plain'));
  assert.deepEqual([plain.uid, plain.gid, plain.mode & 0o7777], [0, 0, 0o755]);
  c.cp('-a', 'c:/tmp/su', c.path('kept'));
  const kept = statSync(c.path('kept'));
  assert.deepEqual([kept.uid, kept.gid, kept.mode & 0o7777], [1000, 1001, 0o6755]);
  const { code, stderr } = c.engine.call(['cp', 'c:/tmp/dev', c.folder]);
  assert.equal(code, 0);
  assert.match(stderr, /The device "dev\/null" of the container was left out/);
  assert.deepEqual(readdirSync(c.path('dev')), []);
  c.cp('-a', 'c:/tmp/dev', c.path('withdev'));
  assert.ok(lstatSync(c.path('withdev/null')).isCharacterDevice());
  chownSync(c.write('mine', 'm'), 77, 88);
  c.cp(c.path('mine'), 'c:/tmp/root');
  c.cp('-a', c.path('mine'), 'c:/tmp/archived');
  assert.equal(c.sh('stat -c "%u %g" /tmp/root /tmp/archived'), '0 0\n77 88');
});

test('a link of the container leads nowhere but into the container', () => {
  using c = new Copying();
  const secret = c.write('secret', 'of the host');
  c.sh(
    `mkdir -p $(dirname ${c.folder}); ln -s ${c.folder} /tmp/out; ln -s ${secret} /tmp/file; ln -s / /tmp/up; ln -s ../../../../../../.. /tmp/dots`,
  );
  assert.match(c.refused('c:/tmp/out/secret', c.path('got')), /There is no/);
  assert.match(c.refused('-L', 'c:/tmp/file', c.path('got')), /There is no/);
  assert.match(c.refused(secret, 'c:/tmp/out/planted'), /There is no directory/);
  c.cp('c:/tmp/up/etc/passwd', c.path('passwd'));
  c.cp('c:/tmp/dots/etc/passwd', c.path('passwd2'));
  assert.match(readFileSync(c.path('passwd'), 'utf8'), /^jane:/m);
  assert.match(readFileSync(c.path('passwd2'), 'utf8'), /^jane:/m);
  assert.match(c.refused('c:/proc/1/root/etc/passwd', c.path('got')), /There is no/);
  assert.ok(!existsSync(c.path('got')));
});

test('what a container has mounted is not entered', () => {
  using c = new Copying();
  assert.match(c.refused('c:/proc/version', c.folder), /There is no/);
  assert.match(c.refused('c:/sys/kernel', c.folder), /There is no/);
  c.cp('c:/dev', c.path('dev'));
  assert.deepEqual(readdirSync(c.path('dev')), []);
});

test('volumes are part of a container: writable, read-only, single files, by links', () => {
  using engine = new Engine();
  const [data, ro, single] = ['data', 'ro', 'single'].map((name) => join(engine.folder, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [data, ro]) mkdirSync(folder);
  writeFileSync(join(ro, 'fixed'), 'fixed');
  writeFileSync(single, 'single');
  const file = join(engine.folder, 'file');
  writeFileSync(file, 'new');
  const flags = ['-v', `${data}:/data`, '-v', `${ro}:/ro:ro`, '-v', `${single}:/etc/single`];
  engine.ok(
    'run',
    '-d',
    '--name',
    'v',
    ...flags,
    'busybox',
    'sh',
    '-c',
    'ln -s /data /tmp/way; exec sleep 1000',
  );
  engine.ok('cp', file, 'v:/data/in');
  assert.equal(readFileSync(join(data, 'in'), 'utf8'), 'new');
  engine.ok('cp', file, 'v:/tmp/way/by-link');
  assert.equal(engine.ok('exec', 'v', 'cat', '/data/by-link'), 'new');
  engine.ok('cp', 'v:/ro/fixed', join(engine.folder, 'out'));
  assert.equal(readFileSync(join(engine.folder, 'out'), 'utf8'), 'fixed');
  assert.match(engine.call(['cp', file, 'v:/ro/x']).stderr, /v:\/ro\/x is read-only in the container/);
  engine.ok('cp', file, 'v:/etc/single');
  assert.equal(engine.ok('exec', 'v', 'cat', '/etc/single'), 'new');
  assert.equal(readFileSync(single, 'utf8'), 'new');
  engine.ok('cp', file, 'v:/etc/hosts');
  assert.equal(engine.ok('exec', 'v', 'cat', '/etc/hosts'), 'new');
  symlinkSync('/etc/shadow', join(data, 'bad'));
  assert.match(engine.call(['cp', '-L', 'v:/data/bad', join(engine.folder, 'got')]).stderr, /There is no/);
  engine.ok('run', '-d', '--name', 'r', '--read-only', ...SLEEPER);
  assert.match(engine.call(['cp', file, 'r:/tmp']).stderr, /is read-only/);
});

test('archives that try to get out are refused, and leave nothing half made', () => {
  using c = new Copying();
  const archive = (...entries: readonly Partial<TarEntry>[]): Buffer => {
    const pieces: Uint8Array[] = [];
    const writer = new TarWriter((piece) => pieces.push(piece.slice()));
    for (const entry of entries) {
      const size = entry.link === undefined ? (entry.size ?? 1) : 0;
      writer.entry({ ...PLAIN, ...entry, size });
      if (size > 0) writer.data(new Uint8Array(size).fill(0x78));
    }
    writer.finish();
    return Buffer.concat(pieces);
  };
  const placed = (...entries: readonly Partial<TarEntry>[]): Outcome =>
    c.engine.call(['cp', '-', 'c:/tmp'], { input: archive(...entries) });
  assert.match(placed({ path: named('../up') }).stderr, /leads out of the archive/);
  assert.match(placed({ path: named('a/../../up') }).stderr, /leads out of the archive/);
  assert.match(
    placed({ path: named('l'), type: 'symlink', link: named('/etc') }, { path: named('l/planted') }).stderr,
    /a file or link where the directory/,
  );
  assert.match(
    placed({ path: named('h'), type: 'hardlink', link: named('../etc/passwd') }).stderr,
    /leads out/,
  );
  assert.match(
    placed({ path: named('h'), type: 'hardlink', link: named('absent') }).stderr,
    /did not come before it/,
  );
  assert.equal(placed({ path: named('/abs') }).code, 0);
  assert.equal(c.sh('cat /tmp/abs; ls -A /tmp | grep -c corten-; ls /etc/planted 2>/dev/null; true'), 'x0');
  const whole = archive({ path: named('big'), size: 100_000 });
  assert.match(c.engine.call(['cp', '-', 'c:/tmp'], { input: whole.subarray(0, 60000) }).stderr, /cut short/);
  assert.equal(c.sh('ls -A /tmp'), 'abs\nl');
});
