import type { Json } from '../../pure/base/json.ts';
import type { Namespace, Sysctl } from '../../pure/spec/runtime.ts';
import { sysctlModule } from './sysctl/sysctls.ts';

/**
 * Kernel parameters by their names, `at` being what errors call them: only those of namespaces that the container
 * doesn't share with the caller. Throws SPEC_INVALID.
 */
export function parseSysctls(value: Json, at: string, namespaces: readonly Namespace[]): readonly Sysctl[] {
  return sysctlModule().parseSysctls(value, at, namespaces);
}
