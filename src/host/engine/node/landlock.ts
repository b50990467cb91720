import { attempt, sys } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { Fd } from '../../kernel/files.ts';

// include/uapi/linux/landlock.h

const CREATE_RULESET_VERSION = 1;
const RULE_PATH_BENEATH = 1;
const EXECUTE = 1 << 0;
const WRITE_FILE = 1 << 1;
const READ_FILE = 1 << 2;
const READ_DIR = 1 << 3;
/** The rights that a file can have; all others are those of a directory. */
const OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | (1 << 14) | (1 << 15);
/** All rights that each version of the interface knows. */
const ALL_BY_VERSION = [0, 0x1fff, 0x3fff, 0x7fff, 0x7fff, 0xffff] as const;
/** Binding and connecting by TCP, since version 4. */
const BIND = 1n;
const CONNECT = 2n;
/** Abstract Unix sockets of others and signals to others, since version 6. */
const ALL_SCOPES = 3n;

export interface Allowed {
  readonly path: string;
  readonly access: 'read' | 'execute' | 'write';
}

/**
 * Leaves this process, and all that it becomes, nothing of the file system but what is allowed, and no TCP (but
 * that it connects by, where it `mayConnect`), abstract socket or signal to others (landlock(7)). False where the
 * kernel has no Landlock. A path that does not exist is passed over. no_new_privs is set by the caller.
 */
export function confine(allowed: readonly Allowed[], mayConnect: boolean): boolean {
  const version = attempt('landlock_create_ruleset', null, 0, CREATE_RULESET_VERSION);
  if (version <= 0) return false;
  const all = ALL_BY_VERSION[Math.min(version, ALL_BY_VERSION.length - 1)] ?? 0;
  const words = [
    BigInt(all),
    ...(version >= 4 ? [mayConnect ? BIND : BIND | CONNECT] : []),
    ...(version >= 6 ? [ALL_SCOPES] : []),
  ];
  const attributes = new BigUint64Array(words);
  using ruleset = new Fd(sys('landlock_create_ruleset', attributes, attributes.byteLength, 0));
  for (const one of allowed) allow(ruleset, one, all);
  sys('landlock_restrict_self', ruleset.number, 0);
  return true;
}

function allow(ruleset: Fd, { path, access }: Allowed, all: number): void {
  const opened = attempt('open', path, O.PATH | O.CLOEXEC, 0);
  if (opened < 0) return;
  using place = new Fd(opened);
  const isDirectory = attempt('openat', place.number, '.', O.PATH | O.DIRECTORY | O.CLOEXEC, 0);
  if (isDirectory >= 0) attempt('close', isDirectory);
  const rights = {
    read: READ_FILE | READ_DIR,
    execute: READ_FILE | READ_DIR | EXECUTE,
    write: all & ~EXECUTE,
  }[access];
  // struct landlock_path_beneath_attr is packed: 64 bits of rights, 32 of the descriptor.
  const rule = new Uint32Array([rights & all & (isDirectory >= 0 ? ~0 : OF_FILES), 0, place.number]);
  sys('landlock_add_rule', ruleset.number, RULE_PATH_BENEATH, rule, 0);
}
