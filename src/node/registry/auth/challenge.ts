/** One way in that a registry offers (RFC 9110 section 11.6.1), its scheme in lower case. */
export interface Challenge {
  readonly scheme: string;
  /** By name in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** Characters of a header that are looked at; nobody's challenge is longer. */
const MAX_LENGTH = 8192;
const TOKEN = String.raw`[!#$%&'*+.^_\`|~0-9A-Za-z-]+`;
const SCHEME = new RegExp(String.raw`\s*,?\s*(${TOKEN})(?:\s+|$)(?!\s*=)`, 'y');
const PARAMETER = new RegExp(
  String.raw`\s*,?\s*(${TOKEN})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|(${TOKEN}|[^\s,"]+))`,
  'y',
);

/** The challenges of a WWW-Authenticate header; what makes no sense ends the list. */
export function parseChallenges(header: string): readonly Challenge[] {
  const text = header.slice(0, MAX_LENGTH);
  const challenges: Challenge[] = [];
  for (let at = 0; at < text.length;) {
    SCHEME.lastIndex = at;
    const scheme = SCHEME.exec(text)?.[1];
    if (scheme === undefined) break;
    const { parameters, end } = parseParameters(text, SCHEME.lastIndex);
    challenges.push({ scheme: scheme.toLowerCase(), parameters });
    at = end;
  }
  return challenges;
}

function parseParameters(
  text: string,
  start: number,
): { readonly parameters: ReadonlyMap<string, string>; readonly end: number } {
  const parameters = new Map<string, string>();
  let end = start;
  for (;;) {
    PARAMETER.lastIndex = end;
    const found = PARAMETER.exec(text);
    if (found === null) return { parameters, end };
    const [, name = '', quoted, plain = ''] = found;
    parameters.set(name.toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? plain);
    end = PARAMETER.lastIndex;
  }
}
