import type { Json, JsonObject } from '../../../pure/base/json.ts';
import type { Hook, HookKind, Hooks } from '../../../pure/spec/runtime.ts';
import { present, refuse, toFilledText, toList, toNumber, toRecord, toText } from '../parse/fields.ts';

/** What poll(2) can wait for, in seconds. */
const LONGEST = 2_000_000;

/** config.md#posix-platform-hooks */
export function parseHooks(value: Json | undefined, at: string): Hooks {
  const record: JsonObject = toRecord(value, at);
  const list = (kind: HookKind): readonly Hook[] => toList(record[kind], `${at}.${kind}`, parseHook);
  return {
    prestart: list('prestart'),
    createRuntime: list('createRuntime'),
    createContainer: list('createContainer'),
    startContainer: list('startContainer'),
    poststart: list('poststart'),
    poststop: list('poststop'),
  };
}

function parseHook(value: Json | undefined, at: string): Hook {
  const record = toRecord(value, at);
  const path = toFilledText(record['path'], `${at}.path`);
  if (!path.startsWith('/')) refuse(`${at}.path`, 'an absolute path');
  const args = toList(record['args'], `${at}.args`, toText);
  return {
    path,
    args: args.length === 0 ? [path] : args,
    ...present<{ env: readonly string[]; timeout: number }>(record, at, {
      env: (env, where) => toList(env, where, toText),
      timeout: (seconds, where) => toNumber(seconds, where, [1, LONGEST]),
    }),
  };
}
