import { sys } from './call.ts';
import { encode, Fd } from './files.ts';

/** include/uapi/linux/bpf.h: enum bpf_cmd, bpf_prog_type, bpf_attach_type and flags. */
const PROG_LOAD = 5;
const PROG_ATTACH = 8;
const PROG_TYPE_CGROUP_DEVICE = 15;
const CGROUP_DEVICE = 6;
const F_ALLOW_MULTI = 2;

const INSTRUCTION_SIZE = 8;
const LICENSE = 'Apache-2.0';
/** union bpf_attr as far as it is used: up to prog_name, and up to attach_flags. */
const LOAD_SIZE = 64;
const NAME_AT = 48;
const ATTACH_SIZE = 16;

/** Has the kernel check and take a program of BPF_PROG_TYPE_CGROUP_DEVICE; `name` has at most 15 letters. */
export function loadDeviceProgram(instructions: Uint8Array, name: string): Fd {
  const license = bytes(LICENSE);
  const words = new Uint32Array(LOAD_SIZE / 4);
  const pointers = new BigUint64Array(words.buffer);
  words[0] = PROG_TYPE_CGROUP_DEVICE;
  words[1] = instructions.length / INSTRUCTION_SIZE;
  pointers[1] = BigInt(addr(instructions));
  pointers[2] = BigInt(addr(license));
  new Uint8Array(words.buffer).set(encode(name), NAME_AT);
  return new Fd(sys('bpf', PROG_LOAD, words, LOAD_SIZE));
}

/** The program decides for the cgroup (a descriptor of its directory) and all below it, beside those above. */
export function attachDeviceProgram(cgroup: number, program: number): void {
  const words = new Uint32Array([cgroup, program, CGROUP_DEVICE, F_ALLOW_MULTI]);
  sys('bpf', PROG_ATTACH, words, ATTACH_SIZE);
}
