// bin/corten-test: without arguments the names of the test bundles, with one the bundle's results as TAP.
import { NR } from '../../src/host/kernel/numbers.ts';
import { registered, type RegisteredTest } from './test.ts';

const PREFIX = 'test/';

function print(text: string): void {
  const line = bytes(`${text}\n`);
  syscall(NR.write, 1, line, line.length - 1);
}

export function main(): number {
  const name = argv[1];
  if (name === undefined) {
    for (const chunk of chunks()) if (chunk.startsWith(PREFIX)) print(chunk.slice(PREFIX.length, -3));
    return 0;
  }
  load(`${PREFIX}${name}.js`);
  print(`1..${registered.length}`);
  const failures = registered.filter((test, index) => !passes(test, index + 1));
  return registered.length > 0 && failures.length === 0 ? 0 : 1;
}

function passes(test: RegisteredTest, number: number): boolean {
  try {
    test.body();
    print(`ok ${number} - ${test.name}`);
    return true;
  } catch (error) {
    print(`not ok ${number} - ${test.name}`);
    const text =
      error instanceof Error ? `${error.name}: ${error.message}\n${error.stack ?? ''}` : String(error);
    for (const line of text.split('\n')) print(`# ${line}`);
    return false;
  }
}
