import type { Json } from '../../../pure/base/json.ts';

/** As parseToml() of the chunk, which is read only where there is a file to parse. */
export function parseToml(text: string, path: string): Json {
  const chunk = load('engine/settings/toml.chunk.js') as unknown as {
    readonly parseToml: (text: string, path: string) => Json;
  };
  return chunk.parseToml(text, path);
}
