import { attempt, sys } from '../kernel/call.ts';
import { CAPABILITIES, CAPABILITY_VERSION_3 } from '../kernel/capabilities.ts';
import { F, FD_CLOEXEC, PR, SIGNAL } from '../kernel/constants.ts';
import { leaveCgroups } from '../kernel/leave-cgroups.ts';
import { DatagramForwarder } from './publish/forward-datagrams.ts';
import { StreamForwarder } from './publish/forward-streams.ts';
import { FORWARDER, type Forwarding, type Listener } from './publish/forwarding.ts';
import { Poller } from './publish/poller.ts';

/** The user that owns nothing, on every system. */
const NOBODY = 65534;
const RLIMIT_NOFILE = 7;
const SWEEP_MS = 30_000;
/** Allocated bytes after which cycles are looked for; this process may live for years. */
const COLLECTION_THRESHOLD = 1 << 20;

/** Serves ports, by what a monitor wrote, for as long as that lives. Never returns. */
export function forwardPorts(text: string): never {
  const { parent, listeners } = JSON.parse(text) as Forwarding;
  gcThreshold(COLLECTION_THRESHOLD);
  trim();
  attempt('prctl', PR.SET_NAME, FORWARDER, 0, 0, 0);
  for (const { fd } of listeners) sys('fcntl', fd, F.SETFD, FD_CLOEXEC);
  raiseFileLimit();
  leaveCgroups();
  giveUpPower();
  // After the change of user, which clears it. Without a parent by now there is nobody who would end this process.
  sys('prctl', PR.SET_PDEATHSIG, SIGNAL.KILL, 0, 0, 0);
  if (attempt('getppid') !== parent) attempt('exit_group', 0);
  serve(listeners);
}

/** It parses nothing, and yet it talks to whoever comes. */
function giveUpPower(): void {
  for (let number = 0; number < CAPABILITIES.length; number++)
    attempt('prctl', PR.CAPBSET_DROP, number, 0, 0, 0);
  sys('setgroups', 0, null);
  sys('setresgid', NOBODY, NOBODY, NOBODY);
  sys('setresuid', NOBODY, NOBODY, NOBODY);
  sys('capset', new Uint32Array([CAPABILITY_VERSION_3, 0]), new Uint32Array(6));
  sys('prctl', PR.SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/** Each connection takes six descriptors. */
function raiseFileLimit(): void {
  const limits = new BigUint64Array(2);
  sys('prlimit64', 0, RLIMIT_NOFILE, null, limits);
  const most = limits[1] ?? 0n;
  sys('prlimit64', 0, RLIMIT_NOFILE, new BigUint64Array([most, most]), null);
}

function serve(listeners: readonly Listener[]): never {
  const poller = new Poller();
  let waiting: (() => void)[] = [];
  const again = (work: () => void): void => {
    waiting.push(work);
  };
  const datagrams = listeners.flatMap(({ fd, protocol, target }) => {
    const forwarding = { listener: fd, target: new Uint8Array(target), again };
    if (protocol === 'udp') return [new DatagramForwarder(poller, forwarding)];
    void new StreamForwarder(poller, forwarding);
    return [];
  });
  for (;;) {
    const hasSessions = datagrams.map((one) => one.expire()).includes(true);
    poller.wait(waiting.length > 0 ? 0 : hasSessions ? SWEEP_MS : -1);
    const turn = waiting;
    waiting = [];
    for (const work of turn) work();
  }
}
