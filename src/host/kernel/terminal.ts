import { attempt, sys } from './call.ts';
import { O, TC, TIOC } from './constants.ts';
import { Fd } from './files.ts';

export interface WindowSize {
  readonly height: number;
  readonly width: number;
}

/** struct termios of the kernel: four 32-bit words of flags, a line discipline, 19 control characters. */
const TERMIOS_SIZE = 36;

/** The slave of an open pseudoterminal master, unlocked, without any path (TIOCGPTPEER, since Linux 4.13). */
export function openPeer(master: number): Fd {
  sys('ioctl', master, TIOC.SPTLCK, new Uint32Array(1));
  return new Fd(sys('ioctl', master, TIOC.GPTPEER, O.RDWR | O.NOCTTY | O.CLOEXEC));
}

export function setWindowSize(terminal: number, size: WindowSize): void {
  sys('ioctl', terminal, TIOC.SWINSZ, new Uint16Array([size.height, size.width, 0, 0]));
}

/** undefined where the descriptor is no terminal. */
export function windowSize(terminal: number): WindowSize | undefined {
  const size = new Uint16Array(4);
  if (attempt('ioctl', terminal, TIOC.GWINSZ, size) < 0) return undefined;
  return { height: size[0] ?? 0, width: size[1] ?? 0 };
}

export function isTerminal(fd: number): boolean {
  return attempt('ioctl', fd, TC.GETS, new Uint8Array(TERMIOS_SIZE)) === 0;
}

/** Puts the terminal into raw mode, as cfmakeraw(3); gives back what restores it. */
export function makeRaw(terminal: number): () => void {
  const before = new Uint8Array(TERMIOS_SIZE);
  sys('ioctl', terminal, TC.GETS, before);
  const raw = before.slice();
  const words = new Uint32Array(raw.buffer, 0, 4);
  // IGNBRK BRKINT PARMRK ISTRIP INLCR IGNCR ICRNL IXON
  words[0] = (words[0] ?? 0) & ~0o2753;
  // OPOST
  words[1] = (words[1] ?? 0) & ~0o1;
  // CSIZE PARENB, then CS8
  words[2] = ((words[2] ?? 0) & ~0o460) | 0o60;
  // ECHO ECHONL ICANON ISIG IEXTEN
  words[3] = (words[3] ?? 0) & ~0o100113;
  // c_cc starts at byte 17: VTIME is 5, VMIN is 6.
  raw[17 + 5] = 0;
  raw[17 + 6] = 1;
  sys('ioctl', terminal, TC.SETS, raw);
  return () => void attempt('ioctl', terminal, TC.SETS, before);
}
