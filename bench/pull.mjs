// `node bench/pull.mjs [ROUNDS]`: a cold pull of about 230 MB in six layers from Debian's docker-registry on loopback,
// by corten with and without the blobs kept, against Debian's podman, and skopeo with umoci; then removal. Each round
// pulls into an empty store.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { interleave, print } from './interleaved.mjs';
import { gzipped, imageOf } from './oci-image.mjs';
import { enterPrivateMounts } from './private-mounts.mjs';
import { programs, tarOf } from './programs-tar.mjs';

const CORTEN = new URL('../bin/corten', import.meta.url).pathname;
const PODMAN = '/usr/bin/podman';
const KILOBYTES = 230_000;
const LAYERS = 6;
/** Hundredths of a second that the registry has to come up. */
const PATIENCE = 500;

if (enterPrivateMounts()) main();

function main() {
  const rounds = Number(process.argv[2] ?? 5);
  const folder = mkdtempSync(join(tmpdir(), 'corten-bench-pull-'));
  const registry = startRegistry(folder);
  try {
    const host = hostOf(folder);
    const image = `${host}/programs:1`;
    execFileSync('skopeo', [
      'copy',
      '-q',
      '--dest-tls-verify=false',
      `oci-archive:${archive(folder)}`,
      `docker://${image}`,
    ]);
    const subjects = [
      corten(folder, image, 'yes'),
      corten(folder, image, 'no'),
      ...(existsSync(PODMAN) ? [podman(folder, image)] : []),
      umoci(folder, image),
    ];
    print(interleave({ subjects, rounds }), ['podman']);
  } finally {
    registry.kill();
    spawnSync('sh', ['-c', `umount ${folder}/podman/overlay 2>/dev/null; true`]);
    rmSync(folder, { recursive: true, force: true });
  }
}

function archive(folder) {
  const names = programs(KILOBYTES);
  const size = Math.ceil(names.length / LAYERS);
  const layers = Array.from({ length: LAYERS }, (_, index) => {
    // With the folders around, as the layers of a build have them.
    const own = names.slice(index * size, (index + 1) * size);
    const around = new Set(
      own.flatMap((name) =>
        name
          .split('/')
          .slice(0, -1)
          .map((_part, at, parts) => parts.slice(0, at + 1).join('/')),
      ),
    );
    return gzipped(
      tarOf(folder, `layer-${index}`, [
        ...new Set([...[...around].toSorted((one, other) => (one < other ? -1 : 1)), ...own]),
      ]),
    );
  });
  return imageOf(folder, { name: 'programs', layers });
}

function corten(folder, image, keep) {
  const [root, settings, conf] = [
    join(folder, `corten-${keep}`),
    join(folder, `${keep}.toml`),
    join(folder, 'none.conf'),
  ];
  writeFileSync(conf, '');
  writeFileSync(settings, `[store]\nkeep_blobs = "${keep}"\n[registries]\nconf = "${conf}"\n`);
  const base = ['/usr/bin/env', `CORTEN_ROOT=${root}`, `CORTEN_CONFIG=${settings}`, CORTEN];
  return {
    name: keep === 'yes' ? 'corten' : 'corten, keep_blobs = no',
    steps: [
      { name: 'empty', isUncounted: true, command: ['/bin/rm', '-rf', root] },
      { name: 'pull', command: [...base, 'pull', '-q', image] },
      { name: 'remove', command: [...base, 'rmi', image] },
    ],
  };
}

function podman(folder, image) {
  const places = ['root', 'runroot', 'tmpdir'].flatMap((name) => [
    `--${name}`,
    join(folder, `podman/${name}`),
  ]);
  const base = [PODMAN, ...places];
  return {
    name: 'podman',
    steps: [
      { name: 'empty', isUncounted: true, command: [...base, 'rmi', '-a', '-f'] },
      { name: 'pull', command: [...base, 'pull', '-q', '--tls-verify=false', image] },
      { name: 'remove', command: [...base, 'rmi', '-f', image] },
    ],
  };
}

function umoci(folder, image) {
  const place = join(folder, 'umoci');
  const script = `skopeo copy -q --src-tls-verify=false docker://${image} oci:${place}/layout:x && umoci unpack --image ${place}/layout:x ${place}/bundle`;
  return {
    name: 'skopeo and umoci',
    steps: [
      { name: 'empty', isUncounted: true, command: ['/bin/sh', '-c', `rm -rf ${place}; mkdir ${place}`] },
      { name: 'pull', command: ['/bin/sh', '-c', script] },
      { name: 'remove', command: ['/bin/rm', '-rf', place] },
    ],
  };
}

function startRegistry(folder) {
  const config = {
    version: '0.1',
    log: { level: 'info', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(folder, 'registry') } },
    http: { addr: '127.0.0.1:0' },
  };
  const file = join(folder, 'registry.yml');
  writeFileSync(file, JSON.stringify(config));
  const script = `OTEL_TRACES_EXPORTER=none exec docker-registry serve ${file} 2> ${folder}/registry.log`;
  return spawn('sh', ['-c', script], { stdio: 'ignore' });
}

/** The port is the kernel's choice, which the registry logs. */
function hostOf(folder) {
  const log = join(folder, 'registry.log');
  for (let tries = 0; tries < PATIENCE; tries++) {
    const text = existsSync(log) ? readFileSync(log, 'utf8') : '';
    const [, host] = /listening on (127\.0\.0\.1:\d+)/.exec(text) ?? [];
    if (host !== undefined) return host;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
  }
  throw new Error(`docker-registry did not come up: ${readFileSync(log, 'utf8')}`);
}
