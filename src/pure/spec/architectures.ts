/** What uname(1) and people call processors that images name in Go's words. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ['x86_64', 'amd64'],
  ['x86-64', 'amd64'],
  ['i386', '386'],
  ['i686', '386'],
  ['aarch64', 'arm64'],
  ['armhf', 'arm'],
  ['armel', 'arm'],
]);

/** An architecture as image-spec has it (config.md#properties): `arm64` for `aarch64`. */
export function architectureName(architecture: string): string {
  return OTHER_NAMES.get(architecture) ?? architecture;
}
