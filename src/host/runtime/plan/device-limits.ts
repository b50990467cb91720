import type { DeviceRule } from '../../../pure/spec/runtime.ts';
import { DEFAULT_DEVICE_RULES } from './default-devices.ts';
import type { Limit } from './limits.ts';

/**
 * Everything is denied first, then come the document's rules, then the devices that every container has. A first
 * rule that allows all lifts the denial.
 */
export function deviceLimits(rules: readonly DeviceRule[], field: string): readonly Limit[] {
  const limits: Limit[] = [];
  if (!isForAll(rules[0])) limits.push({ file: 'devices.deny', value: 'a', field });
  for (const rule of [...rules, ...DEFAULT_DEVICE_RULES]) {
    const file = rule.allow ? 'devices.allow' : 'devices.deny';
    for (const value of ruleTexts(rule)) limits.push({ file, value, field });
  }
  const lastForAll = limits.findLastIndex(({ file, value }) => file === 'devices.allow' && value === 'a');
  const last = lastForAll < 0 ? limits : limits.slice(lastForAll);
  // After "allow everything" what allows single devices changes nothing, unless one was denied.
  return lastForAll < 0 || last.some(isDenial) ? last : last.slice(0, 1);
}

function isDenial({ file }: Limit): boolean {
  return file === 'devices.deny';
}

/** Whether the last word on every device is that it may be used. */
export function allowsAll(rules: readonly DeviceRule[]): boolean {
  const last = rules.findLastIndex((rule) => rule.allow && isForAll(rule));
  return last >= 0 && rules.slice(last).every(({ allow }) => allow);
}

function isForAll(rule: DeviceRule | undefined): boolean {
  return rule?.type === 'a' && rule.access === 'rwm' && rule.major === undefined && rule.minor === undefined;
}

/** To the kernel `a` means everything, whatever follows it: a narrower rule for both kinds is two. */
function ruleTexts(rule: DeviceRule): readonly string[] {
  if (isForAll(rule)) return ['a'];
  const types = rule.type === 'a' ? ['b', 'c'] : [rule.type];
  return types.map((type) => `${type} ${rule.major ?? '*'}:${rule.minor ?? '*'} ${rule.access}`);
}
