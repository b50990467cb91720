/** The value of a variable among `NAME=value` texts; an empty one is as good as none. */
export function variableOf(variables: readonly string[], name: string): string | undefined {
  const text = variables.find((variable) => variable.startsWith(`${name}=`))?.slice(name.length + 1);
  return text === '' ? undefined : text;
}
