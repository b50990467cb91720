import { addressBytes, parseAddress } from '../../../pure/base/ip-address.ts';
import { attempt, sys } from '../../kernel/call.ts';
import { monotonicMs } from '../../kernel/clock.ts';
import { AF, MSG, POLL, SOCK } from '../../kernel/constants.ts';
import { encode, Fd } from '../../kernel/files.ts';
import { sleep } from '../../kernel/process.ts';
import { socketName } from '../publish/socket-name.ts';

const PORT = 53;
const LARGEST = 512;
/** How long an answer is waited for before the question is put again, and how long in all. */
const PAUSE_MS = 3;
const PATIENCE_MS = 1000;

/** Whether the name server at an address knows a name, which it may have been told of only just now. */
export function awaitAnswer(server: string, name: string): boolean {
  const address = parseAddress(server);
  if (address === undefined) return false;
  const target = socketName(addressBytes(address), PORT);
  const question = questionFor(name);
  const end = monotonicMs() + PATIENCE_MS;
  do {
    if (isAnswered(target, question)) return true;
    sleep(1);
  } while (monotonicMs() < end);
  return false;
}

/** A socket of its own each time: where nobody listens yet, the refusal sticks to it. */
function isAnswered(target: Uint8Array, question: Uint8Array): boolean {
  const family = target.length === 16 ? AF.INET : AF.INET6;
  using socket = new Fd(sys('socket', family, SOCK.DGRAM | SOCK.CLOEXEC, 0));
  if (attempt('connect', socket.number, target, target.length) < 0) return false;
  if (attempt('sendto', socket.number, question, question.length, 0, null, 0) < 0) return false;
  if (attempt('poll', new Int32Array([socket.number, POLL.IN]), 1, PAUSE_MS) <= 0) return false;
  const answer = new Uint8Array(LARGEST);
  const length = attempt('recvfrom', socket.number, answer, LARGEST, MSG.DONTWAIT, null, null);
  // RFC 1035, section 4.1.1: no error, and at least one record.
  return length > 12 && ((answer[3] ?? 0) & 15) === 0 && (answer[7] ?? 0) > 0;
}

/** RFC 1035, section 4: a question for the IPv4 address of a name, with no thought for recursion. */
function questionFor(name: string): Uint8Array {
  const labels = name.split('.').flatMap((label) => [encode(label).length, ...encode(label)]);
  return new Uint8Array([0x63, 0x6f, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...labels, 0, 0, 1, 0, 1]);
}
