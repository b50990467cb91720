/** include/uapi/linux/capability.h: a name's place is its number. */
export const CAPABILITIES = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_DAC_READ_SEARCH',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETPCAP',
  'CAP_LINUX_IMMUTABLE',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_BROADCAST',
  'CAP_NET_ADMIN',
  'CAP_NET_RAW',
  'CAP_IPC_LOCK',
  'CAP_IPC_OWNER',
  'CAP_SYS_MODULE',
  'CAP_SYS_RAWIO',
  'CAP_SYS_CHROOT',
  'CAP_SYS_PTRACE',
  'CAP_SYS_PACCT',
  'CAP_SYS_ADMIN',
  'CAP_SYS_BOOT',
  'CAP_SYS_NICE',
  'CAP_SYS_RESOURCE',
  'CAP_SYS_TIME',
  'CAP_SYS_TTY_CONFIG',
  'CAP_MKNOD',
  'CAP_LEASE',
  'CAP_AUDIT_WRITE',
  'CAP_AUDIT_CONTROL',
  'CAP_SETFCAP',
  'CAP_MAC_OVERRIDE',
  'CAP_MAC_ADMIN',
  'CAP_SYSLOG',
  'CAP_WAKE_ALARM',
  'CAP_BLOCK_SUSPEND',
  'CAP_AUDIT_READ',
  'CAP_PERFMON',
  'CAP_BPF',
  'CAP_CHECKPOINT_RESTORE',
] as const;

/** include/uapi/linux/capability.h */
export const CAPABILITY_VERSION_3 = 0x20080522;

/** A set of capabilities as capset(2) takes it: the lower and the upper 32 bits. */
export type CapabilityBits = readonly [low: number, high: number];

/** `unknown` gets each name that the kernel's table lacks. */
export function capabilityBits(names: readonly string[], unknown: (name: string) => void): CapabilityBits {
  let low = 0;
  let high = 0;
  for (const name of names) {
    const number = (CAPABILITIES as readonly string[]).indexOf(name);
    if (number < 0) unknown(name);
    else if (number < 32) low |= 1 << number;
    else high |= 1 << (number - 32);
  }
  return [low >>> 0, high >>> 0];
}

export function hasCapability(bits: CapabilityBits, number: number): boolean {
  return ((number < 32 ? bits[0] >>> number : bits[1] >>> (number - 32)) & 1) === 1;
}

export function intersectCapabilities(a: CapabilityBits, b: CapabilityBits): CapabilityBits {
  return [(a[0] & b[0]) >>> 0, (a[1] & b[1]) >>> 0];
}
