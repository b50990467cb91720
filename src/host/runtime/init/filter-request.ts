import { invariant } from '../../../pure/base/errors.ts';
import type { CapabilityBits } from '../../kernel/capabilities.ts';
import type { Filter } from '../seccomp/filter.ts';

/** What the stub does before it executes the program. */
export interface FilterRequest {
  readonly filter?: Filter | undefined;
  /** Where CAP_SYS_ADMIN was kept for the filter alone: what of the process's inheritable set is its own. */
  readonly inheritable?: CapabilityBits | undefined;
  /** Gets the filter's listener with a message. */
  readonly listener?: { readonly socket: number; readonly message: Uint8Array } | undefined;
  readonly birth?: Birth | undefined;
}

/** Where the program begins as a child of the stub, in a pid namespace that was joined for children. */
export interface Birth {
  /** Gets its pid, 8 bytes; the program begins when a byte comes back. */
  readonly socket: number;
  readonly hasTerminal: boolean;
}

/** Where native/stub.rs looks for it: as far into a page as it lies in the file, up to pages of 64 KiB. */
const REQUEST_ADDRESS = 0x10001000;

const WORDS = 11;
const START = 8 * WORDS;

const NO_FILTER = { program: new Uint8Array(), flags: 0, optionalFlags: 0 } as const;

/** The bytes that lie at REQUEST_ADDRESS: struct Request of native/stub.rs, the filter, the message. */
export function encodeRequest({ filter, inheritable, listener, birth }: FilterRequest): Uint8Array {
  const { program, flags, optionalFlags } = filter ?? NO_FILTER;
  const message = listener?.message ?? new Uint8Array();
  const at = START + program.length;
  const bytes = new Uint8Array(at + message.length);
  const [low, high] = inheritable ?? [0, 0];
  bytes.set(
    new Uint8Array(
      new BigUint64Array([
        BigInt(flags),
        BigInt(optionalFlags),
        BigInt(program.length / 8),
        BigInt(REQUEST_ADDRESS + START),
        inheritable === undefined ? 0n : 1n,
        BigInt(low >>> 0) | (BigInt(high >>> 0) << 32n),
        BigInt(listener?.socket ?? 0),
        BigInt(REQUEST_ADDRESS + at),
        BigInt(message.length),
        BigInt(birth?.socket ?? 0),
        birth?.hasTerminal === true ? 1n : 0n,
      ]).buffer,
    ),
  );
  bytes.set(program, START);
  bytes.set(message, at);
  return bytes;
}

// ELF-64, include/uapi/linux/elf.h.
const ENTRY_OFFSET = 24;
const HEADERS_OFFSET = 64;
const HEADER_SIZE = 56;
const HEADER_COUNT_OFFSET = 56;
const PT_LOAD = 1;
const PT_GNU_EH_FRAME = 0x6474e550;
const PF_R = 4;
const SECOND_ENTRY = 16n;
const PAGE = 4096;

/**
 * The stub's file with a request: behind its own bytes, as a segment in the place of one that only a debugger would
 * read; and with its second entry, which looks for the request.
 */
export function withRequest(stub: Uint8Array, request: Uint8Array): Uint8Array {
  invariant(stub.length <= PAGE, 'the stub is smaller than a page');
  const file = new Uint8Array(PAGE + request.length);
  file.set(stub);
  file.set(request, PAGE);
  const view = new DataView(file.buffer);
  view.setBigUint64(ENTRY_OFFSET, view.getBigUint64(ENTRY_OFFSET, true) + SECOND_ENTRY, true);
  const header = headerOf(view, PT_GNU_EH_FRAME);
  view.setUint32(header, PT_LOAD, true);
  view.setUint32(header + 4, PF_R, true);
  // Offset, virtual and physical address, size in the file and in memory, alignment.
  const { length } = request;
  [PAGE, REQUEST_ADDRESS, REQUEST_ADDRESS, length, length, PAGE].forEach((word, index) =>
    view.setBigUint64(header + 8 + 8 * index, BigInt(word), true),
  );
  return file;
}

function headerOf(view: DataView, type: number): number {
  const count = view.getUint16(HEADER_COUNT_OFFSET, true);
  for (let index = 0; index < count; index++) {
    const at = HEADERS_OFFSET + HEADER_SIZE * index;
    if (view.getUint32(at, true) === type) return at;
  }
  invariant(false, 'the stub has a program header to spare');
}
