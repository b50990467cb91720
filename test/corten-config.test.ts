import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Engine, type Outcome } from './engine/engine.ts';

/** Writes a settings file, and gives what the command prints with it. */
function withSettings(engine: Engine, text: string, ...args: readonly string[]): Outcome {
  const file = join(engine.folder, 'own.toml');
  writeFileSync(file, text);
  return engine.call(args, { env: { CORTEN_CONFIG: file, CONTAINERS_REGISTRIES_CONF: emptyConf(engine) } });
}

function emptyConf(engine: Engine): string {
  const file = join(engine.folder, 'registries.conf');
  writeFileSync(file, '');
  return file;
}

test('config prints every setting with who says so, as a file of settings would have it', () => {
  using engine = new Engine();
  const file = join(engine.folder, 'own.toml');
  const given = '# mine\n[transfer]\nuploads = 2\n';
  const { code, text, stderr } = withSettings(engine, given, 'config');
  assert.equal(code, 0, stderr);
  assert.match(text, new RegExp(`^uploads = 2 +# ${file}:3$`, 'm'));
  assert.match(text, /^downloads = 3 +# default$/m);
  assert.match(text, new RegExp(`^root = "${engine.store}" +# CORTEN_ROOT$`, 'm'));
  // What is printed says the same again.
  assert.match(withSettings(engine, text, 'config').text, /^uploads = 2 /m);
  const { settings, files } = JSON.parse(withSettings(engine, given, 'config', '--format=json').text) as {
    readonly settings: Readonly<Record<string, object>>;
    readonly files: readonly string[];
  };
  assert.deepEqual(settings['transfer.uploads'], { value: 2, origin: file, line: 3 });
  // The machine's own policy.json may follow.
  assert.deepEqual(files.slice(0, 2), [file, join(engine.folder, 'registries.conf')]);
});

test("the user's file wins over the machine's, and CORTEN_CONFIG over both", () => {
  using engine = new Engine();
  const folder = join(engine.folder, 'config');
  mkdirSync(join(folder, 'corten'), { recursive: true });
  const root = join(engine.folder, 'elsewhere');
  writeFileSync(join(folder, 'corten/corten.toml'), `[store]\nroot = "${root}"\n[transfer]\nuploads = 7\n`);
  const env = { XDG_CONFIG_HOME: folder, CORTEN_ROOT: '' };
  assert.match(
    engine.call(['config'], { env }).text,
    new RegExp(`^root = "${root}" .*corten\\.toml:2$`, 'm'),
  );
  assert.equal(engine.call(['images', '-q'], { env }).text, '');
  const own = join(engine.folder, 'own.toml');
  writeFileSync(own, 'transfer.uploads = 9\n');
  const both = engine.call(['config'], { env: { ...env, CORTEN_CONFIG: own } }).text;
  assert.match(both, /^uploads = 9 /m);
  assert.match(both, new RegExp(`^root = "${root}"`, 'm'));
});

test('what is wrong with a file is told with its line and the nearest key', () => {
  using engine = new Engine();
  const cases: readonly (readonly [string, RegExp])[] = [
    [
      '[store]\n\nrooot = "/x"\n',
      /store\.rooot in .*own\.toml, line 3, is no setting: the nearest is store\.root/,
    ],
    ['[stroe]\nroot = "/x"\n', /stroe in .*, line 1, is no setting: the nearest is store/],
    ['quux = 1\n', /quux in .*, line 1, is no setting: docs\/configuration\.md lists/],
    ['[store]\nroot = "x"\n', /store\.root in .*, line 2, is not an absolute path/],
    ['store.root = 5\n', /store\.root in .*, line 1, is not an absolute path/],
    ['[transfer]\n"uploads" = 0\n', /transfer\.uploads in .*, line 2, is not a whole number from 1 to 32/],
    ['registries = { search = "docker.io" }\n', /registries\.search in .*, line 1, is not a list of texts/],
    ['store = "x"\n', /store in .*, line 1, is a table of settings/],
    ['[store]\nroot = /x\n', /The file .*own\.toml, line 2, is no TOML/],
    ['__proto__ = 1\n', /__proto__ in .*, line 1, is no setting/],
  ];
  for (const [text, message] of cases) {
    // Verbs that need no settings of their own say it too.
    for (const verb of ['config', 'ps']) {
      const { code, stderr, text: output } = withSettings(engine, text, verb);
      assert.match(stderr, message);
      assert.deepEqual([code, output, stderr.split('\n').length], [1, '', 2]);
    }
  }
});

test('a file that others may write, or that is missing, is refused', () => {
  using engine = new Engine();
  const file = join(engine.folder, 'own.toml');
  const env = { CORTEN_CONFIG: file };
  assert.match(engine.call(['ps'], { env }).stderr, /that CORTEN_CONFIG names is missing/);
  writeFileSync(file, '');
  chmodSync(file, 0o666);
  assert.match(engine.call(['ps'], { env }).stderr, /can be written by others: chown it/);
});
