import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { runCommand, type Outcome, type Running } from '../runtime/programs.ts';

/** An engine of others that runs its containers with the chosen runtime. */
export interface PeerEngine {
  readonly name: 'podman' | 'docker';
  /** A folder of its own. */
  readonly folder: string;
  /** Flags of `run` that every container of a test gets. */
  readonly runFlags: readonly string[];
  /** The whole command line of one of its commands. */
  readonly command: (args: readonly string[]) => readonly string[];
  /** Ends all that it started and removes what it left. */
  readonly close: () => Promise<void>;
}

/** An engine as a test uses it. */
export class Peer {
  readonly engine: PeerEngine;
  #count = 0;

  constructor(engine: PeerEngine) {
    this.engine = engine;
  }

  call(args: readonly string[], running: Running = {}): Outcome {
    return runCommand(this.engine.command(args), running);
  }

  /** As call(), where anything but success fails the test; standard output without the last newline. */
  ok(...args: readonly string[]): string {
    const { code, stdout, stderr } = this.call(args);
    assert.equal(code, 0, `${args.join(' ')}: ${stderr}${stdout}`);
    return stdout.replace(/\n$/, '');
  }

  /** A container that is removed at its end. */
  run(flags: readonly string[], ...command: readonly string[]): Outcome {
    return this.call(this.#runArgs(['--rm', ...flags], command));
  }

  script(text: string, ...flags: readonly string[]): Outcome {
    return this.run(flags, 'sh', '-c', text);
  }

  /** A container that goes on; its name. */
  start(flags: readonly string[], ...command: readonly string[]): string {
    const name = `corten-dropin-${process.pid}-${++this.#count}`;
    this.ok(...this.#runArgs(['--detach', '--name', name, ...flags], command));
    return name;
  }

  /** A command in a terminal of its own, script(1)'s; $ENGINE in the script is the engine's command. */
  onTerminal(script: string): ChildProcess {
    const engine = this.engine.command([]).join(' ');
    return spawn('script', ['-qec', script, '/dev/null'], {
      env: { ...process.env, ENGINE: engine, TERM: 'xterm' },
    });
  }

  spawn(flags: readonly string[], ...command: readonly string[]): ChildProcess {
    const [program = '', ...args] = this.engine.command(this.#runArgs(['--rm', ...flags], command));
    return spawn(program, args);
  }

  inspect(name: string, field: string): string {
    return this.ok('inspect', '--format', `{{${field}}}`, name);
  }

  remove(name: string): void {
    this.ok('rm', '--force', ...(this.engine.name === 'podman' ? ['--time', '0'] : []), name);
  }

  #runArgs(flags: readonly string[], command: readonly string[]): readonly string[] {
    return ['run', ...this.engine.runFlags, ...flags, 'busybox', ...command];
  }
}
