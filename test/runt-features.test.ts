// features: each name that the document gives is tried, and what it denies is refused.

import assert from 'node:assert/strict';
import { readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { Bundle, type Config } from './runtime/bundle.ts';
import { runCommand, RUNT } from './runtime/programs.ts';

interface Enabled {
  readonly enabled: boolean;
}

interface Features {
  readonly ociVersionMin: string;
  readonly ociVersionMax: string;
  readonly hooks: readonly string[];
  readonly mountOptions: readonly string[];
  readonly linux: {
    readonly namespaces: readonly string[];
    readonly capabilities: readonly string[];
    readonly cgroup: { readonly v1: boolean; readonly systemd: boolean };
    readonly seccomp: Enabled;
    readonly apparmor: Enabled;
    readonly selinux: Enabled;
    readonly intelRdt: Enabled;
    readonly netDevices: Enabled;
    readonly mountExtensions: { readonly idmap: Enabled };
  };
}

const features = JSON.parse(runCommand([RUNT, 'features']).stdout) as Features;

test('features takes no argument, and its versions are those that a document may have', () => {
  assert.equal(runCommand([RUNT, 'features', 'x']).code, 1);
  assert.match(runCommand([RUNT, '--version']).stdout, new RegExp(`^spec: ${features.ociVersionMax}$`, 'm'));
  for (const version of [features.ociVersionMin, features.ociVersionMax]) {
    using bundle = new Bundle();
    bundle.config['ociVersion'] = version;
    assert.equal(bundle.output(), '');
  }
});

test('every mount option of features mounts', () => {
  assert.ok(features.mountOptions.length > 50);
  using bundle = new Bundle();
  features.mountOptions.forEach((option) => {
    const isBind = option === 'bind' || option === 'rbind';
    const source = isBind ? { source: '/etc' } : { type: 'tmpfs', source: 'tmpfs' };
    bundle.config.mounts.push({ destination: `/m/${option}`, options: [option], ...source });
  });
  bundle.script("grep -c ' /m/' /proc/self/mountinfo");
  assert.equal(bundle.output(), `${features.mountOptions.length}\n`);
});

test('every capability of features is known', () => {
  using bundle = new Bundle();
  bundle.config.process['capabilities'] = { bounding: [...features.linux.capabilities, 'CAP_NONE'] };
  const { code, stderr } = bundle.run();
  assert.equal(code, 0);
  assert.deepEqual(stderr.match(/CAP_\w+ is unknown/g), ['CAP_NONE is unknown']);
});

const FILES: Readonly<Record<string, string>> = { network: 'net', mount: 'mnt' };

for (const type of features.linux.namespaces) {
  test(`a container gets a namespace of the type ${type} that features names`, () => {
    using bundle = new Bundle();
    bundle.config.linux.namespaces = bundle.config.linux.namespaces.filter((one) => one['type'] !== type);
    bundle.config.linux.namespaces.push({ type });
    if (type === 'user') {
      const all = [{ containerID: 0, hostID: 0, size: 65536 }];
      Object.assign(bundle.config.linux, { uidMappings: all, gidMappings: all });
    }
    const file = FILES[type] ?? type;
    bundle.script(`readlink /proc/self/ns/${file}`);
    const seen = bundle.output().trim();
    assert.match(seen, new RegExp(`^${file}:\\[\\d+\\]$`));
    assert.notEqual(seen, readlinkSync(`/proc/self/ns/${file}`));
  });
}

for (const hook of features.hooks) {
  test(`the hook ${hook} that features names is run`, () => {
    using bundle = new Bundle();
    const file = `${bundle.folder}/${hook}`;
    // Hooks of the container's own namespaces see the root file system's programs only after the change of root.
    const isInside = hook === 'startContainer';
    const path = isInside ? '/bin/touch' : '/usr/bin/touch';
    bundle.config['hooks'] = { [hook]: [{ path, args: ['touch', isInside ? '/touched' : file] }] };
    bundle.output();
    assert.equal(runCommand(['test', '-e', isInside ? `${bundle.rootfs}/touched` : file]).code, 0);
  });
}

/** What asks for a feature that can be absent, by its name in the document. */
const WISHES: Readonly<Record<string, (config: Config) => void>> = {
  seccomp: ({ linux }) => (linux['seccomp'] = { defaultAction: 'SCMP_ACT_ALLOW' }),
  apparmor: ({ process }) => (process['apparmorProfile'] = 'docker-default'),
  selinux: ({ process }) => (process['selinuxLabel'] = 'system_u:system_r:container_t:s0'),
  intelRdt: ({ linux }) => (linux['intelRdt'] = { closID: 'guaranteed' }),
  netDevices: ({ linux }) => (linux['netDevices'] = { eth0: { name: 'container_eth0' } }),
};

for (const [name, wish] of Object.entries(WISHES)) {
  test(`features tells the truth about ${name}`, () => {
    const { enabled } = features.linux[name as keyof Features['linux']] as unknown as Enabled;
    using bundle = new Bundle();
    wish(bundle.config);
    const { code, stderr } = bundle.run();
    assert.equal(code, enabled ? 0 : 1, stderr);
  });
}

test('features tells the truth about cgroups and idmapped mounts', () => {
  using bundle = new Bundle();
  bundle.config.linux['resources'] = { pids: { limit: 77 } };
  bundle.script('cat /proc/self/cgroup');
  assert.match(bundle.output(), new RegExp(`:pids:/`));
  assert.equal(features.linux.cgroup.v1, true);
  assert.equal(features.linux.cgroup.systemd, false);
  assert.match(bundle.call(['--version']).stdout, /^runt/);
  assert.match(runCommand([RUNT, '--systemd-cgroup', 'list']).stderr, /--systemd-cgroup is not supported/);

  using mapped = new Bundle();
  const all = [{ containerID: 0, hostID: 1000, size: 1 }];
  const options = { options: ['bind', 'idmap'], uidMappings: all, gidMappings: all };
  mapped.config.mounts.push({ destination: '/mapped', source: mapped.folder, ...options });
  mapped.script('stat -c %u /mapped');
  const { code, stdout } = mapped.run();
  assert.deepEqual([code, stdout], features.linux.mountExtensions.idmap.enabled ? [0, '1000\n'] : [1, '']);
});
