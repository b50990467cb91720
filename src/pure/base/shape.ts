/**
 * What a value must look like: of the same type as the example, texts that a system call takes, lists of what the example's only entry is, objects with
 * at least its fields; one whose name ends with `?` may be absent.
 */
export type Shape = string | number | boolean | readonly Shape[] | { readonly [field: string]: Shape };

export function fits(value: unknown, shape: Shape): boolean {
  if (Array.isArray(shape))
    return Array.isArray(value) && value.every((item) => fits(item, shape[0] as Shape));
  if (typeof shape === 'string') return typeof value === 'string' && !value.includes('\0');
  if (typeof shape !== 'object') return typeof value === typeof shape;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  for (const [name, wanted] of Object.entries(shape as { readonly [field: string]: Shape })) {
    const isOptional = name.endsWith('?');
    const own = (value as Record<string, unknown>)[isOptional ? name.slice(0, -1) : name];
    if (!(isOptional && own === undefined) && !fits(own, wanted)) return false;
  }
  return true;
}
