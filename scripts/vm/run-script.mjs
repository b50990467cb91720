const KEPT = /^(PATH|HOME|USER|LANG|TERM|CI|NO_COLOR|FORCE_COLOR|CORTEN_.*|RUNT_.*)$/;

/** A shell's text that runs the command as the caller would, in the same directory; CORTEN_VM names the kernel. */
export function runScript(command, version) {
  const variables = Object.entries(process.env).filter(([name]) => KEPT.test(name));
  return [
    ...[...variables, ['CORTEN_VM', version]].map(([name, value]) => `export ${name}=${quoted(value)}`),
    `cd ${quoted(process.cwd())}`,
    `exec ${command.map(quoted).join(' ')}`,
    '',
  ].join('\n');
}

function quoted(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
