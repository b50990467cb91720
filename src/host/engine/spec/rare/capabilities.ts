import type { Capabilities } from '../../../../pure/spec/runtime.ts';
import { CAPABILITIES } from '../../../kernel/capabilities.ts';
import type { RunSettings } from '../../run-settings.ts';
import { DEFAULT_CAPABILITIES } from '../defaults.ts';

/** The bounding set that --privileged, --cap-add and --cap-drop make, as Docker counts (moby, oci/caps/utils.go). */
export function boundingOf({ isPrivileged, capAdd = [], capDrop = [] }: RunSettings): readonly string[] {
  if (isPrivileged === true) return CAPABILITIES;
  if (capAdd.includes('ALL')) return CAPABILITIES.filter((one) => !capDrop.includes(one));
  const kept = capDrop.includes('ALL') ? [] : DEFAULT_CAPABILITIES.filter((one) => !capDrop.includes(one));
  return [...new Set([...kept, ...capAdd])];
}

/** A user that isn't root starts with none of them. */
export function capabilitiesFrom(bounding: readonly string[], uid: number): Capabilities {
  const held = uid === 0 ? bounding : [];
  return { bounding, effective: held, permitted: held, inheritable: [], ambient: [] };
}
