import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../engine/engine.ts';
import type { NetworkHost } from '../network/host.ts';

const REGISTRY = fileURLToPath(new URL('registry-program.ts', import.meta.url));

export interface ServedImage {
  readonly name: string;
  [Symbol.dispose](): void;
}

/** A registry inside the network namespace; the name of its image. */
export async function serveImage(host: NetworkHost): Promise<ServedImage> {
  const folder = mkdtempSync(join(tmpdir(), 'registry-'));
  const [program, ...args] = host.here.words(process.execPath, REGISTRY, folder);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += String(chunk)));
  const [name = ''] = (await until('the registry', () => text.includes('\n') && text)).split('\n');
  return {
    name,
    [Symbol.dispose]: () => {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true });
    },
  };
}
