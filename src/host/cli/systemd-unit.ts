/** What a unit says; systemd.unit(5), systemd.service(5). */
export interface Unit {
  readonly description: string;
  readonly header: readonly string[];
  /** Further units, by the directive that names them. */
  readonly relations: Readonly<Record<'Wants' | 'After' | 'Requires', readonly string[]>>;
  /** `NAME=value` each. */
  readonly environment: readonly string[];
  /** Directives of [Service] in their order; a command is a list of words, after what systemd reads before it. */
  readonly service: readonly (readonly [directive: string, value: string | Command])[];
}

export interface Command {
  /** `-`: its failure is none. */
  readonly prefix: '' | '-';
  readonly words: readonly string[];
}

/** The text of a unit file. */
export function unitText({ description, header, relations, environment, service }: Unit): string {
  const lines = [
    ...header.map((line) => `# ${line}`),
    '[Unit]',
    `Description=${escaped(description)}`,
    ...Object.entries(relations).flatMap(([directive, units]) =>
      units.map((unit) => `${directive}=${escaped(unit)}`),
    ),
    '',
    '[Service]',
    ...environment.map((variable) => `Environment=${quoted(variable)}`),
    ...service.map(
      ([directive, value]) => `${directive}=${typeof value === 'string' ? value : commandText(value)}`,
    ),
    '',
    '[Install]',
    'WantedBy=multi-user.target',
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function commandText({ prefix, words }: Command): string {
  return prefix + words.map((word) => quoted(word).replaceAll('$', '$$$$')).join(' ');
}

/** Quoting of systemd.syntax(7): one word, whatever is in it. */
function quoted(word: string): string {
  const text = escaped(word);
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  const inner = text.replace(/[\\"\x00-\x1f\x7f]/g, (character) =>
    character === '\\' || character === '"'
      ? `\\${character}`
      : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `"${inner}"`;
}

/** `%` begins a specifier. */
function escaped(text: string): string {
  return text.replaceAll('%', '%%');
}
