import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

// ELF-64, include/uapi/linux/elf.h.
const ENTRY = 24;
const HEADERS = 64;
const HEADER_SIZE = 56;
const HEADER_COUNT = 56;
const PT_LOAD = 1;
const VIRTUAL_ADDRESS = 16;
const PHYSICAL_ADDRESS = 24;

/** Where an emulator puts the copy: it takes the address that a program asks for, and has one of its own for others. */
const ASKED_FOR = 0x10000000n;

/**
 * A copy of a position-independent program that asks to lie elsewhere. Its own start moves it by what the part with the
 * dynamic section says, which stays as it was: so all in it is what it would be at that address.
 */
export function movedCopy(executable, name) {
  const bytes = readFileSync(executable);
  const add = (at) => bytes.writeBigUInt64LE(bytes.readBigUInt64LE(at) + ASKED_FOR, at);
  add(ENTRY);
  for (let header = 0; header < bytes.readUInt16LE(HEADER_COUNT); header++) {
    const at = HEADERS + HEADER_SIZE * header;
    if (bytes.readUInt32LE(at) !== PT_LOAD) continue;
    add(at + VIRTUAL_ADDRESS);
    add(at + PHYSICAL_ADDRESS);
  }
  const path = join(dirname(executable), `${basename(executable)}-elsewhere`, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  chmodSync(path, 0o755);
  return path;
}
