import { fits } from '../../../pure/base/shape.ts';
import { IMAGE_ACTIONS, type ImageEvent } from '../../../pure/config/image-event.ts';
import { attempt, sys } from '../../kernel/call.ts';
import { AF, SOCK } from '../../kernel/constants.ts';
import { exit, fork } from '../../kernel/process.ts';
import { appendEvent } from '../../monitor/events.ts';

const LAST_FD = 0xffffffff;
const SOCKET_FD = 3;
/** Bytes of one event: names of images are short. */
const ROOM = 16384;

/**
 * Forks a process that puts on record what the Node program tells of images, for as long as that lives: the record is
 * none of its business, as other things of the store are not. Returns the socket for it, one packet an event, each of
 * them answered by one byte once it is on record; -1 where there can't be one.
 */
export function forkRecorder(events: string): number {
  const ends = new Uint32Array(2);
  if (attempt('socketpair', AF.UNIX, SOCK.SEQPACKET | SOCK.CLOEXEC, 0, ends) < 0) return -1;
  const [ours = 0, theirs = 0] = ends;
  if (fork() === 0) {
    // Nothing may reach the frames that belong to the caller.
    try {
      serve(ours, events);
    } finally {
      exit(0);
    }
  }
  attempt('close', ours);
  return theirs;
}

function serve(socket: number, events: string): void {
  // Nothing of the caller's may stay open by it: a pipe that it writes into above all.
  if (socket !== SOCKET_FD) sys('dup3', socket, SOCKET_FD, 0);
  sys('close_range', SOCKET_FD + 1, LAST_FD, 0);
  for (const fd of [0, 1, 2]) attempt('close', fd);
  const packet = new Uint8Array(ROOM);
  for (;;) {
    const length = attempt('read', SOCKET_FD, packet, ROOM);
    if (length <= 0) return;
    const event = parse(utf8(packet, 0, length));
    if (event !== undefined) {
      const { action, id, name } = event;
      appendEvent(events, { type: 'image', action, id, attributes: { name } });
    }
    if (attempt('write', SOCKET_FD, packet, 1) < 0) return;
  }
}

/** It has read what strangers made: only what is an event is believed. */
function parse(text: string): ImageEvent | undefined {
  try {
    const event: unknown = JSON.parse(text);
    if (!fits(event, { action: '', id: '', name: '' })) return undefined;
    const { action } = event as ImageEvent;
    return IMAGE_ACTIONS.includes(action) ? (event as ImageEvent) : undefined;
  } catch {
    return undefined;
  }
}
