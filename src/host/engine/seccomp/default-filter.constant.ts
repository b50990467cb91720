import { MACHINE } from '../../kernel/numbers.ts';
import { compileProfile } from '../../runtime/compile-seccomp.ts';
import { DEFAULT_CAPABILITIES } from '../spec/defaults.ts';
import { DEFAULT_PROFILE } from './default-profile.ts';
import { resolveProfile } from './profile.ts';

const PROFILE = resolveProfile(DEFAULT_PROFILE, { machine: MACHINE, capabilities: DEFAULT_CAPABILITIES });
const { program, flags, optionalFlags } = compileProfile(PROFILE);

/** As Uint8Array.fromBase64() reads it, which the build's own engine may be too old for. */
function toBase64(bytesOfIt: Uint8Array): string {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  let text = '';
  for (let at = 0; at < bytesOfIt.length; at += 3) {
    const [a = 0, b = 0, c = 0] = bytesOfIt.subarray(at, at + 3);
    const bits = (a << 16) | (b << 8) | c;
    const four = [bits >> 18, bits >> 12, bits >> 6, bits].map((value) => digits[value & 63]);
    const count = Math.min(3, bytesOfIt.length - at) + 1;
    text += four.slice(0, count).join('').padEnd(4, '=');
  }
  return text;
}

/** The default profile for the default capabilities, compiled; the program in base64. */
export const DEFAULT_FILTER = { program: toBase64(program), flags, optionalFlags };
