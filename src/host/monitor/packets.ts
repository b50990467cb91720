/**
 * What a monitor and its clients say to each other on a Unix socket that keeps message borders: one byte of type,
 * then the payload. A connection begins with the monitor's VERSION.
 */
import { fits } from '../../pure/base/shape.ts';
import { encode } from '../kernel/files.ts';
import type { RestartPolicy } from './supervision.ts';

/** 2: STOP, RESTART and RESTARTING. 3: POLICY. */
export const PROTOCOL_VERSION = 3;

export const PACKET = {
  /** Monitor: JSON { version }. */
  VERSION: 0x56,
  /** Monitor: the container runs; JSON Started. */
  STARTED: 0x53,
  /** Monitor: the container could not be started; JSON of an ErrorRecord. */
  FAILED: 0x46,
  /** Monitor: what the container wrote. */
  STDOUT: 0x4f,
  STDERR: 0x45,
  /** Monitor: so many bytes of standard input went to the container; 32 bits. */
  CREDIT: 0x43,
  /** Monitor: the container ended; JSON Exited. What is left of it goes until the connection closes. */
  EXITED: 0x58,
  /** Monitor, instead of STARTED: the container has ended and will be started again. */
  RESTARTING: 0x57,
  /** Client: wants the streams; JSON Attach. */
  ATTACH: 0x41,
  /** Client: standard input; an empty one is its end. */
  STDIN: 0x49,
  /** Client: the terminal's height and width, 16 bits each. */
  RESIZE: 0x52,
  /** Client: sends a signal to the container's first process; one byte. */
  SIGNAL: 0x4b,
  /** Client: as SIGNAL, and no policy starts the container again. */
  STOP: 0x54,
  /** Client: the container's next end is followed by a new start. */
  RESTART: 0x4e,
  /** Client: another restart policy; JSON NewPolicy. */
  POLICY: 0x50,
  /** Client: wants the root file system; one byte, 1 to change it. Monitor: it comes with the packet (SCM_RIGHTS). */
  ROOTFS: 0x72,
  /** Client: wants mounts of layers; JSON of their files. Monitor: one packet each, with it or without. */
  LAYERS: 0x4c,
  /** Client: nobody reads this stream any more, so that its writer learns it; one byte, STDOUT or STDERR. */
  CLOSE: 0x63,
} as const;

/** Most bytes that a packet carries. */
export const MAX_PAYLOAD = 65536;
/** Bytes of standard input that a client may have under way. */
export const STDIN_WINDOW = 262144;

export interface Started {
  readonly pid: number;
}

export interface Exited {
  /** As a shell has it: 128 + the signal for one that a signal ended. */
  readonly code: number;
  /** Whether the monitor starts it again: then STARTED comes once more. */
  readonly isRestarting?: boolean;
  /** Whether the kernel has killed one of its programs for want of memory. */
  readonly isOomKilled?: boolean;
}

export interface Attach {
  readonly isStdin: boolean;
}

/** What becomes of the restart policy; absent for none. */
export interface NewPolicy {
  readonly policy?: RestartPolicy;
}

export function jsonPacket(type: number, value: unknown): Uint8Array {
  const text = encode(JSON.stringify(value));
  const packet = new Uint8Array(1 + text.length);
  packet[0] = type;
  packet.set(text, 1);
  return packet;
}

/** Reads a packet of `length` bytes that jsonPacket() made. */
export function jsonOf<T>(packet: Uint8Array, length: number): T {
  return JSON.parse(utf8(packet, 1, length)) as T;
}

/** undefined where the client sent something else: a monitor never ends for that. */
export function attachOf(packet: Uint8Array): Attach | undefined {
  try {
    const wanted = jsonOf<Attach>(packet, packet.length);
    return fits(wanted, { isStdin: true }) ? wanted : undefined;
  } catch {
    return undefined;
  }
}

/** undefined where the client sent something else. */
export function newPolicyOf(packet: Uint8Array): NewPolicy | undefined {
  try {
    const wanted = jsonOf<NewPolicy>(packet, packet.length);
    return fits(wanted, { 'policy?': { name: '', most: 0, stopSignal: 0 } }) ? wanted : undefined;
  } catch {
    return undefined;
  }
}

/** The texts of a packet that lists some; none where the client sent something else. */
export function filesOf(packet: Uint8Array): readonly string[] {
  try {
    const list = jsonOf<unknown>(packet, packet.length);
    return fits(list, ['']) ? (list as readonly string[]) : [];
  } catch {
    return [];
  }
}

export function creditPacket(count: number): Uint8Array {
  return new Uint8Array([PACKET.CREDIT, count & 255, (count >> 8) & 255, (count >> 16) & 255, count >>> 24]);
}

export function creditOf(packet: Uint8Array): number {
  return (
    (packet[1] ?? 0) + (packet[2] ?? 0) * 0x100 + (packet[3] ?? 0) * 0x10000 + (packet[4] ?? 0) * 0x1000000
  );
}

export function resizePacket(height: number, width: number): Uint8Array {
  return new Uint8Array([PACKET.RESIZE, height & 255, height >> 8, width & 255, width >> 8]);
}

export function sizeOf(packet: Uint8Array): { readonly height: number; readonly width: number } {
  return {
    height: (packet[1] ?? 0) | ((packet[2] ?? 0) << 8),
    width: (packet[3] ?? 0) | ((packet[4] ?? 0) << 8),
  };
}
