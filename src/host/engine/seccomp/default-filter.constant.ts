import { MACHINE } from '../../kernel/numbers.ts';
import { compileProfile } from '../../runtime/compile-seccomp.ts';
import { DEFAULT_CAPABILITIES } from '../spec/defaults.ts';
import { DEFAULT_PROFILE } from './default-profile.ts';
import { resolveProfile } from './profile.ts';

const PROFILE = resolveProfile(DEFAULT_PROFILE, { machine: MACHINE, capabilities: DEFAULT_CAPABILITIES });
const { program, flags, optionalFlags } = compileProfile(PROFILE);

const toHex = (byte: number): string => byte.toString(16).padStart(2, '0');

/** The default profile for the default capabilities, compiled; the program in hexadecimal. */
export const DEFAULT_FILTER = { program: Array.from(program, toHex).join(''), flags, optionalFlags };
