import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';
import { CORTEN, Engine, until } from '../engine/engine.ts';
import { textOf } from '../engine/strike.ts';

const LIMIT_MS = 20_000;
const PATIENCE_MS = 6000;

export interface Answer {
  readonly code: number | null;
  readonly text: string;
  readonly stderr: string;
}

/** A network namespace that a process of ours keeps. */
class Namespace {
  readonly path: string;
  readonly #holder: ChildProcess | undefined;

  private constructor(path: string, holder?: ChildProcess) {
    this.path = path;
    this.#holder = holder;
  }

  /** That of a process of others. */
  static of(pid: string): Namespace {
    return new Namespace(`/proc/${pid}/ns/net`);
  }

  static async make(): Promise<Namespace> {
    const holder = spawn('unshare', ['-n', 'sleep', 'infinity'], { stdio: 'ignore' });
    const own = readlinkSync('/proc/self/ns/net');
    await until('a network namespace', () => linkOf(`/proc/${holder.pid}/ns/net`, own) !== own);
    const namespace = new Namespace(`/proc/${holder.pid}/ns/net`, holder);
    namespace.sh('ip link set lo up');
    return namespace;
  }

  /** A command, as it is started in here. */
  words(...words: readonly string[]): readonly [program: string, ...args: string[]] {
    return ['nsenter', `--net=${this.path}`, ...words];
  }

  /** A script of the host's shell, which has to succeed. */
  sh(script: string): string {
    const { code, text, stderr } = this.try(script);
    assert.equal(code, 0, `${script}: ${stderr}`);
    return text;
  }

  try(script: string): Answer {
    const [program, ...args] = this.words('sh', '-c', script);
    const { status, stdout, stderr } = spawnSync(program, args, {
      encoding: 'utf8',
      input: '',
      timeout: LIMIT_MS,
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    });
    return { code: status, text: stdout, stderr };
  }

  end(): void {
    this.#holder?.kill('SIGKILL');
  }
}

function linkOf(path: string, otherwise: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return otherwise;
  }
}

/** Programs of Node that serve in a network namespace. */
const SERVERS = {
  tcp: `require('node:net').createServer((s) => { s.on('error', () => {}); s.end(process.argv[1] + ' ' + s.remoteAddress + '\\n'); })
    .listen(Number(process.argv[2]), '::', () => console.log('ready'))`,
  echo: `require('node:net').createServer({ allowHalfOpen: true }, (s) => { s.on('error', () => {}); s.pipe(s); })
    .listen(Number(process.argv[2]), '::', () => console.log('ready'))`,
  udp: `const s = require('node:dgram').createSocket({ type: 'udp6', reuseAddr: true });
    s.on('message', (m, from) => s.send(process.argv[1] + ' ' + m, from.port, from.address));
    s.bind(Number(process.argv[2]), () => console.log('ready'))`,
} as const;

export interface Exchange {
  readonly port: number;
  readonly count: number;
  readonly size: number;
}

export interface Server {
  readonly kind: keyof typeof SERVERS;
  readonly port: number;
  /** What it answers with. */
  readonly name: string;
}

/** Asks again and again from one port, and says each first answer that is new. */
const KEEP_ASKING = `const [host, port] = process.argv.slice(1); let last = '';
  const s = require('node:dgram').createSocket('udp4'); s.bind(4444);
  s.on('message', (m) => { if (String(m) !== last) { last = String(m); console.log(last); } });
  setInterval(() => s.send('asked', Number(port), host, () => {}), 20)`;

const ASK_UDP = `const [host, port] = process.argv.slice(1);
  const s = require('node:dgram').createSocket(host.includes(':') ? 'udp6' : 'udp4');
  s.on('message', (m) => { console.log(String(m)); process.exit(0); }); s.on('error', () => process.exit(1));
  s.send('asked', Number(port), host); setTimeout(() => process.exit(1), 2000)`;

/** Connections at once, each of which sends bytes, ends its side, and has to get the same bytes back. */
const EXCHANGE = `const [host, port, count, size] = process.argv.slice(1);
  const { createHash, randomBytes } = require('node:crypto');
  const sum = (parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('hex');
  const one = () => new Promise((resolve, reject) => {
    const sent = randomBytes(Number(size)); const got = [];
    const s = require('node:net').connect({ host, port: Number(port), allowHalfOpen: true });
    s.on('data', (part) => got.push(part)); s.on('error', reject);
    s.on('end', () => sum(got) === sum([sent]) ? resolve() : reject(new Error('other bytes')));
    s.end(sent);
  });
  Promise.all(Array.from({ length: Number(count) }, one)).then(() => process.exit(0), (e) => { console.error(e); process.exit(1); })`;

/** The host of a test: an engine in a network namespace of its own, joined with `world`, a machine beyond it. */
export class NetworkHost extends Engine {
  static readonly address = '192.0.2.1';
  static readonly address6 = '2001:db8::1';
  static readonly beyond = '192.0.2.2';
  static readonly beyond6 = '2001:db8::2';

  readonly here: Namespace;
  readonly world: Namespace;
  readonly #servers: ChildProcess[] = [];

  private constructor(here: Namespace, world: Namespace, place?: string) {
    super({ ExposedPorts: { '80/tcp': {}, '90/udp': {} } }, place);
    this.here = here;
    this.world = world;
  }

  /** Its files lie in a new directory in `place`. */
  static async make(place?: string): Promise<NetworkHost> {
    const [here, world] = [await Namespace.make(), await Namespace.make()];
    const { address, address6, beyond, beyond6 } = NetworkHost;
    here.sh(`echo 0 >/proc/sys/net/ipv4/ip_forward; ip link add up0 type veth peer name up0 netns ${world.path}
      ip addr add ${address}/24 dev up0; ip addr add ${address6}/64 dev up0 nodad; ip link set up0 up`);
    world.sh(`ip addr add ${beyond}/24 dev up0; ip addr add ${beyond6}/64 dev up0 nodad; ip link set up0 up
      ip route add default via ${address}; ip route add default via ${address6}`);
    here.sh(`ip route add default via ${beyond}; ip route add default via ${beyond6}`);
    return new NetworkHost(here, world, place);
  }

  override get env(): NodeJS.ProcessEnv {
    return { ...super.env, CORTEN_NETWORK: 'bridge' };
  }

  protected override commandOf(args: readonly string[]): readonly [program: string, ...args: string[]] {
    return this.here.words(CORTEN, ...args);
  }

  /** A container that waits; its ID. */
  idle(...flags: readonly string[]): string {
    return this.note(this.ok('run', '-d', ...flags, 'busybox', 'sleep', '1000'));
  }

  /** What `inspect` has at a place. */
  inspect(container: string, template: string): string {
    return this.ok('inspect', '--format', template, container);
  }

  addressOf(container: string): string {
    return this.inspect(container, '{{.NetworkSettings.IPAddress}}');
  }

  namespace(pid: string): Namespace {
    return Namespace.of(pid);
  }

  /** Processes of a program on this host, by pid. */
  processes(program: string): readonly string[] {
    const own = readlinkSync(this.here.path);
    return readdirSync('/proc').filter(
      (pid) =>
        /^\d+$/.test(pid) &&
        linkOf(`/proc/${pid}/ns/net`, '') === own &&
        linkOf(`/proc/${pid}/exe`, '').endsWith(`/${program}`),
    );
  }

  /** Processes of ours on this host by what they are called. */
  called(name: string): readonly string[] {
    const own = readlinkSync(this.here.path);
    return readdirSync('/proc').filter(
      (pid) =>
        /^\d+$/.test(pid) &&
        linkOf(`/proc/${pid}/ns/net`, '') === own &&
        textOf(`/proc/${pid}/cmdline`).startsWith(`${name}\0`),
    );
  }

  /** A command without one of root's capabilities. */
  without(capability: string, args: readonly string[]): Answer {
    const [program, ...words] = this.commandOf(args);
    const drop = [`--bounding-set=-${capability}`, `--inh-caps=-${capability}`, program, ...words];
    const result = spawnSync('setpriv', drop, { encoding: 'utf8', env: this.env, input: '' });
    return { code: result.status, text: result.stdout, stderr: result.stderr };
  }

  /** Standard output of a command that sees another file somewhere on the host. */
  withMounted(file: string, place: string, args: readonly string[]): string {
    const script = 'mount --bind "$1" "$2"; shift 2; exec "$@"';
    const [program, ...words] = this.commandOf(args);
    const all = ['-m', '--propagation', 'private', 'sh', '-c', script, 'sh', file, place, program, ...words];
    const { status, stdout, stderr } = spawnSync('unshare', all, { encoding: 'utf8', env: this.env });
    assert.equal(status, 0, stderr);
    return stdout;
  }

  /** Serves a port of a container from its own network namespace. */
  async serve(container: string, server: Server): Promise<void> {
    await this.serveAt(`/proc/${this.inspect(container, '{{.State.Pid}}')}/ns/net`, server);
  }

  async serveAt(namespace: string, { kind, port, name }: Server): Promise<void> {
    const words = [`--net=${namespace}`, process.execPath, '-e', SERVERS[kind], name, String(port)];
    const server = spawn('nsenter', words, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#servers.push(server);
    let printed = '';
    server.stdout.on('data', (chunk: Buffer) => (printed += String(chunk)));
    await until(`the server ${name}`, () => printed.includes('ready'));
  }

  /** What a TCP server says to whoever connects from a namespace; undefined where nobody answers in time. */
  ask(from: Namespace, address: string, port: number): string | undefined {
    const { code, text } = from.try(`busybox nc -w 2 ${address} ${port} </dev/null`);
    return code === 0 && text !== '' ? text.trim() : undefined;
  }

  /** Has `count` connections at once send `size` bytes each to a server that sends them back; what went wrong. */
  exchange(place: string, { port, count, size }: Exchange): string {
    const words = [place, port, count, size].map(String);
    const [program, ...args] = this.here.words(process.execPath, '-e', EXCHANGE, ...words);
    const { status, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: LIMIT_MS });
    return status === 0 ? '' : `${status} ${stderr}`;
  }

  /** A client that goes on sending from one port; what it has been answered with so far. */
  keepAsking(from: Namespace, address: string, port: number): () => string {
    const [program, ...args] = from.words(process.execPath, '-e', KEEP_ASKING, address, String(port));
    const client = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#servers.push(client);
    let text = '';
    client.stdout.on('data', (chunk: Buffer) => (text += String(chunk)));
    return () => text;
  }

  askUdp(from: Namespace, address: string, port: number): string | undefined {
    const [program, ...args] = from.words(process.execPath, '-e', ASK_UDP, address, String(port));
    const { status, stdout } = spawnSync(program, args, { encoding: 'utf8', timeout: LIMIT_MS });
    return status === 0 ? stdout.trim() : undefined;
  }

  /** What is left of networks on the host, after what is on its way out had some seconds to go. */
  async leftovers(): Promise<readonly string[]> {
    const end = Date.now() + PATIENCE_MS;
    for (;;) {
      const left = this.#leftovers();
      if (left.length === 0 || Date.now() > end) return left;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  #leftovers(): readonly string[] {
    const names = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');
    const links = names(this.here.sh("ip -o link | sed 's/^[0-9]*: \\([^:@]*\\).*/\\1/'"));
    const tables = names(this.here.sh('nft list tables'));
    const files = names(
      this.here.sh(
        `find ${this.run}/networks -mindepth 1 ! -name .lock ! -name .sweeper 2>/dev/null || true`,
      ),
    );
    return [...links.filter((name) => name !== 'lo' && name !== 'up0'), ...tables, ...files];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) server.kill('SIGKILL');
    this.call(['pod', 'rm', '-fa']);
    const ids = this.call(['ps', '-aq', '--no-trunc'])
      .text.split('\n')
      .filter((id) => id !== '');
    if (ids.length > 0) this.call(['rm', '-f', ...ids]);
    await this.leftovers();
    this[Symbol.dispose]();
    this.here.end();
    this.world.end();
  }
}
