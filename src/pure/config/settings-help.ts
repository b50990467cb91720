import type { SettingName } from './settings.ts';

/** What each setting is for, in a few words. */
export const SETTINGS_HELP: Readonly<Record<SettingName, string>> = {
  'store.root': 'where images and containers lie; CORTEN_ROOT wins over it',
  'store.run': 'what a restart of the machine ends; CORTEN_RUN wins over it',
  'registries.search':
    'registries that are asked, in this order, for an image without one; by itself what registries.conf says, or docker.io',
  'registries.conf': "the only registries.conf that is read; podman's places by itself",
  'registries.hosts_dirs': 'directories with HOST/hosts.toml, as containerd has them',
  'signatures.policy': "the policy.json that holds; podman's places by itself",
  'transfer.downloads': 'layers that come at the same time',
  'transfer.uploads': 'blobs that go at the same time',
};
