import type { SecretSetting } from '../../engine/run-settings.ts';
import { usageError } from '../corten-context.ts';

const FOLDER = '/run/secrets';
const MODE = 0o444;
const LARGEST_ID = 2 ** 32 - 2;
const VARIABLE = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** `NAME[,type=mount|env][,target=…][,uid=…][,gid=…][,mode=…]`, as podman has it; NAME may be source=NAME. */
export function secretOf(text: string): SecretSetting {
  const fields = new Map(text.split(',').map(fieldOf));
  const name = fields.get('source') ?? '';
  const type = fields.get('type') ?? 'mount';
  const unknown = [...fields.keys()].find((key) => !KNOWN.has(key));
  if (unknown !== undefined)
    throw usageError(
      `The flag --secret knows no "${unknown}": it takes NAME, type, target, uid, gid and mode`,
    );
  if (name === '') throw usageError(`The flag --secret takes the name of a secret first, not "${text}"`);
  if (type !== 'mount' && type !== 'env')
    throw usageError(`The flag --secret takes type=mount or type=env, not "${type}"`);
  const target = fields.get('target') || name;
  const own = ['uid', 'gid', 'mode'].find((key) => fields.has(key));
  if (type === 'env' && own !== undefined)
    throw usageError(`The flag --secret takes ${own}= for a file alone, not with type=env`);
  return {
    name,
    type,
    target: type === 'env' ? variableOf(target) : pathOf(target),
    uid: idOf(fields.get('uid'), 'uid'),
    gid: idOf(fields.get('gid'), 'gid'),
    mode: modeOf(fields.get('mode')),
  };
}

const KNOWN: ReadonlySet<string> = new Set(['source', 'type', 'target', 'uid', 'gid', 'mode']);
const OTHER_WORDS: Readonly<Record<string, string>> = {
  src: 'source',
  id: 'source',
  dst: 'target',
  destination: 'target',
};

function fieldOf(field: string, index: number): readonly [string, string] {
  const equals = field.indexOf('=');
  if (equals < 0) return index === 0 ? ['source', field] : [field, ''];
  const key = field.slice(0, equals);
  return [OTHER_WORDS[key] ?? key, field.slice(equals + 1)];
}

function variableOf(target: string): string {
  if (VARIABLE.test(target)) return target;
  throw usageError(`The secret can't be the variable "${target}": give target=NAME of letters, digits and _`);
}

function pathOf(target: string): string {
  const path = target.startsWith('/') ? target : `${FOLDER}/${target}`;
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.length > 0 && !parts.includes('..')) return `/${parts.join('/')}`;
  throw usageError(`The secret can't be at "${target}": give a path without ".."`);
}

function idOf(text: string | undefined, key: string): number {
  const value = text === undefined ? 0 : /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (value <= LARGEST_ID) return value;
  throw usageError(`The flag --secret takes a number as ${key}, not "${text}"`);
}

function modeOf(text: string | undefined): number {
  if (text === undefined) return MODE;
  if (/^[0-7]{1,4}$/.test(text) && parseInt(text, 8) <= 0o777) return parseInt(text, 8);
  throw usageError(`The flag --secret takes an octal number up to 0777 as mode, not "${text}"`);
}
