/** What corten.toml can say. The words left of the last dot are its tables. */
export const SETTINGS = {
  'store.root': {
    kind: 'path',
    standard: '/var/lib/corten',
  },
  'store.run': {
    kind: 'path',
    standard: '/run/corten',
  },
  'store.keep_blobs': { kind: 'choice', standard: 'yes', choices: ['yes', 'until-pushed', 'no'] },
  'containers.userns': { kind: 'choice', standard: 'host', choices: ['host', 'auto'] },
  'registries.search': {
    kind: 'list',
    standard: [],
  },
  'registries.conf': {
    kind: 'path',
    standard: '',
  },
  'registries.hosts_dirs': {
    kind: 'list',
    standard: ['/etc/containerd/certs.d', '/etc/docker/certs.d'],
  },
  'devices.cdi_dirs': { kind: 'list', standard: ['/etc/cdi', '/var/run/cdi'] },
  'signatures.policy': { kind: 'path', standard: '' },
  'transfer.downloads': { kind: 'count', standard: 3 },
  'transfer.uploads': { kind: 'count', standard: 5 },
  'limits.layer_gib': { kind: 'count', standard: 128, most: 4096 },
  'limits.layer_ratio': { kind: 'count', standard: 2000, most: 1_000_000 },
  'limits.layer_entries': { kind: 'count', standard: 5_000_000, most: 1_000_000_000 },
} as const satisfies Readonly<Record<string, SettingForm>>;

export interface SettingForm {
  readonly kind: 'path' | 'list' | 'count' | 'choice';
  /** Of the kind choice. */
  readonly choices?: readonly string[];
  readonly standard: string | number | readonly string[];
  /** The highest count; 32 unless given. */
  readonly most?: number;
}

export type SettingName = keyof typeof SETTINGS;
export type SettingValue = string | number | readonly string[];

/** What a setting's kind gives. */
export type ValueOf<N extends SettingName> = (typeof SETTINGS)[N]['kind'] extends 'list'
  ? readonly string[]
  : (typeof SETTINGS)[N]['kind'] extends 'count'
    ? number
    : string;

export interface FoundSetting {
  readonly value: SettingValue;
  /** The file that says so. */
  readonly file: string;
  readonly line: number;
}

/** What files say; a setting that none says has its standard value. */
export type FoundSettings = ReadonlyMap<SettingName, FoundSetting>;

export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[];

export function valueOf<N extends SettingName>(found: FoundSettings, name: N): ValueOf<N> {
  return (found.get(name)?.value ?? SETTINGS[name].standard) as ValueOf<N>;
}
