import { readFileSync } from 'node:fs';

/** What the engine, our own program, asks for on standard input. */
export function readRequest<T>(): T {
  return JSON.parse(readFileSync(0, 'utf8')) as T;
}
