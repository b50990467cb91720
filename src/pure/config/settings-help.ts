import type { SettingName } from './settings.ts';

/** What each setting is for, in a few words. */
export const SETTINGS_HELP: Readonly<Record<SettingName, string>> = {
  'store.root': 'where images and containers lie; CORTEN_ROOT wins over it',
  'store.run': 'what a restart of the machine ends; CORTEN_RUN wins over it',
  'store.keep_blobs': 'whether layers stay as they came, beside what runs: yes, until-pushed or no',
  'containers.userns':
    'whose users and groups containers have that do not say it: host, or auto for ids of their own',
  'registries.search':
    'registries that are asked, in this order, for an image without one; by itself what registries.conf says, or docker.io',
  'registries.conf': "the only registries.conf that is read; podman's places by itself",
  'registries.hosts_dirs': 'directories with HOST/hosts.toml, as containerd has them',
  'devices.cdi_dirs': 'directories with descriptions of devices (CDI); what stands later wins',
  'signatures.policy': "the policy.json that holds; podman's places by itself",
  'transfer.downloads': 'layers that come at the same time',
  'transfer.uploads': 'blobs that go at the same time',
  'limits.layer_gib': 'GiB that a layer may have, inflated; more is refused as a bomb',
  'limits.layer_ratio': 'how many times its compressed size a layer of more than 1 GiB may have',
  'limits.layer_entries': 'entries that a layer may have; about 60 to 100 bytes of memory each',
};
