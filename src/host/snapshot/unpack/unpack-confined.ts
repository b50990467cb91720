import { fromRecord, isCortenError, type ErrorRecord } from '../../../pure/base/errors.ts';
import { attempt, sys } from '../../kernel/call.ts';
import { encode, Fd, readAll } from '../../kernel/files.ts';
import { exit, fork, pipe, waitFor } from '../../kernel/process.ts';
import { snapshotError } from '../errors.ts';
import { confineUnpacker } from './confine-unpacker.ts';
import type { Marks } from './filled-directory.ts';
import { HostImage } from './host-image.ts';
import { ImageUnpacker } from './unpack-image.ts';

const LAST_FD = 0xffffffff;
const RLIMIT_NOFILE = 7;

export interface UnpackRequest {
  /** Open EROFS files, bottom first. */
  readonly images: readonly number[];
  /** The open directory that they are unpacked into, one over the other. */
  readonly directory: number;
  readonly marks: Marks;
}

/** A process that unpacks. */
export interface Unpacking {
  /** Waits for its end; throws what went wrong in it. */
  readonly finish: () => void;
}

/**
 * Unpacks images in a process of its own that can reach nothing but the directory: what is damaged or hostile in
 * an image meets a process without power. What fails leaves files behind, for the caller to remove.
 */
export function startUnpacking(request: UnpackRequest): Unpacking {
  const [reading, writing] = pipe();
  const pid = fork();
  if (pid === 0) unpackInChild(request, writing);
  attempt('close', writing);
  return {
    finish: () => {
      using output = new Fd(reading);
      const content = readAll(output.number);
      const status = waitFor(pid);
      if (content.length > 0) throw fromRecord(JSON.parse(utf8(content)) as ErrorRecord);
      if (status === 0) return;
      throw snapshotError('SNAPSHOT_HELPER_DIED', 'The process that unpacks the image was killed');
    },
  };
}

/** Nothing it throws may reach the parent's frames. */
function unpackInChild(request: UnpackRequest, output: number): never {
  try {
    keepOnly([...request.images, request.directory, output]);
    raiseDescriptors();
    confineUnpacker(request.directory);
    for (const fd of request.images) {
      new ImageUnpacker(new HostImage(fd), request.marks).unpack();
      sys('fchdir', request.directory);
    }
    exit(0);
  } catch (error) {
    const text = encode(JSON.stringify(recordOf(error)));
    attempt('write', output, text, text.length);
  } finally {
    exit(1);
  }
}

function keepOnly(kept: readonly number[]): void {
  let next = 0;
  for (const fd of kept.toSorted((a, b) => a - b)) {
    if (fd > next) attempt('close_range', next, fd - 1, 0);
    next = fd + 1;
  }
  attempt('close_range', next, LAST_FD, 0);
}

/** One is open for each directory above the file that is made. */
function raiseDescriptors(): void {
  const limits = new BigUint64Array(2);
  if (attempt('prlimit64', 0, RLIMIT_NOFILE, null, limits) < 0) return;
  limits[0] = limits[1] ?? 0n;
  attempt('prlimit64', 0, RLIMIT_NOFILE, limits, null);
}

function recordOf(error: unknown): ErrorRecord {
  if (isCortenError(error)) return error.toJSON();
  const message = error instanceof Error ? error.message : String(error);
  return { kind: 'internal', code: 'SNAPSHOT_UNPACK_FAILED', message: `Unpack the image: ${message}` };
}
