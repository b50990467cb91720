import { executionError } from './errors.ts';
import { FUNCTIONS } from './functions.ts';
import type { Body, Command, Node, Operand, Pipe, Template } from './nodes.ts';
import { printed } from './text-of.ts';
import { isEmpty, isList, isMap, isStruct, isTrue, sortedEntries, typeName, type Value } from './values.ts';

/** Templates may call each other without end. */
const DEPTH = 200;

/** The template's text for a value. Throws CLI_TEMPLATE_FAILED. */
export function executeTemplate(template: Template, value: Value): string {
  return new Execution(template).run(template.body, value);
}

/** As executeTemplate(), where every function gives back its first text: what docker does with the titles of a table. */
export function executeHeader(template: Template, titles: Value): string {
  return new Execution(template, true).run(template.body, titles);
}

interface Variable {
  readonly name: string;
  value: Value;
}

class Execution {
  readonly #template: Template;
  readonly #isHeader: boolean;
  #output: string[] = [];
  #variables: Variable[] = [];
  #depth = 0;

  constructor(template: Template, isHeader = false) {
    this.#template = template;
    this.#isHeader = isHeader;
  }

  run(body: Body, dot: Value): string {
    this.#variables = [{ name: '$', value: dot }];
    this.#body(body, dot);
    return this.#output.join('');
  }

  /** What ended it early. */
  #body(body: Body, dot: Value): 'break' | 'continue' | undefined {
    const known = this.#variables.length;
    for (const node of body) {
      const end = this.#node(node, dot);
      if (end !== undefined) {
        this.#variables.length = known;
        return end;
      }
    }
    this.#variables.length = known;
    return undefined;
  }

  #node(node: Node, dot: Value): 'break' | 'continue' | undefined {
    switch (node.kind) {
      case 'text':
        this.#output.push(node.text);
        return undefined;
      case 'action': {
        const value = this.#pipe(node.pipe, dot);
        if (node.pipe.variables.length === 0) this.#output.push(printed(value));
        return undefined;
      }
      case 'if':
      case 'with':
        return this.#choose(node, dot);
      case 'range':
        return this.#range(node, dot);
      case 'template':
        this.#call(node.name, node.pipe === undefined ? undefined : this.#pipe(node.pipe, dot));
        return undefined;
      case 'break':
      case 'continue':
        return node.kind;
    }
  }

  #choose(node: Extract<Node, { pipe: Pipe; body: Body }>, dot: Value): 'break' | 'continue' | undefined {
    const known = this.#variables.length;
    const value = this.#pipe(node.pipe, dot);
    const end = isTrue(value)
      ? this.#body(node.body, node.kind === 'with' ? value : dot)
      : this.#body(node.otherwise, dot);
    this.#variables.length = known;
    return end;
  }

  #range(node: Extract<Node, { pipe: Pipe; body: Body }>, dot: Value): 'break' | 'continue' | undefined {
    const known = this.#variables.length;
    const { variables, isDeclaration } = node.pipe;
    const entries = entriesOf(this.#pipe({ ...node.pipe, variables: [] }, dot));
    const [first, second] = variables;
    for (const [key, value] of entries) {
      if (first !== undefined) this.#assign(first, second === undefined ? value : key, isDeclaration);
      if (second !== undefined) this.#assign(second, value, isDeclaration);
      const end = this.#body(node.body, value);
      this.#variables.length = known;
      if (end === 'break') return undefined;
    }
    return entries.length === 0 ? this.#body(node.otherwise, dot) : undefined;
  }

  #call(name: string, value: Value): void {
    const body = this.#template.named.get(name);
    if (body === undefined) throw executionError(`there is no template "${name}"`);
    if (this.#depth >= DEPTH) throw executionError(`the template "${name}" calls itself without end`);
    const outer = this.#variables;
    this.#variables = [{ name: '$', value }];
    this.#depth++;
    this.#body(body, value);
    this.#depth--;
    this.#variables = outer;
  }

  #assign(name: string, value: Value, isDeclaration: boolean): void {
    if (isDeclaration) this.#variables.push({ name, value });
    else this.#variable(name).value = value;
  }

  #variable(name: string): Variable {
    const found = this.#variables.findLast((variable) => variable.name === name);
    if (found !== undefined) return found;
    throw executionError(`the variable ${name} has no value here`);
  }

  #pipe({ commands, variables, isDeclaration }: Pipe, dot: Value): Value {
    let value: Value;
    commands.forEach((command, index) => {
      value = this.#command(command, dot, index === 0 ? [] : [value]);
    });
    for (const name of variables) this.#assign(name, value, isDeclaration);
    return value;
  }

  /** `last` is what came through the pipe. */
  #command([first, ...rest]: Command, dot: Value, last: readonly Value[]): Value {
    if (first.kind === 'function' && (first.name === 'and' || first.name === 'or')) {
      return this.#lazy(first.name === 'and', { rest, last, dot });
    }
    const args = (): readonly Value[] => [...rest.map((operand) => this.#operand(operand, dot, [])), ...last];
    if (first.kind === 'function') return this.#function(first.name, args());
    const isCallable = first.kind === 'fields' || first.kind === 'chain' || first.kind === 'variable';
    if (!isCallable && rest.length + last.length > 0)
      throw executionError('what is no function takes no arguments');
    return this.#operand(first, dot, args());
  }

  #lazy(
    isAnd: boolean,
    {
      rest,
      last,
      dot,
    }: { readonly rest: readonly Operand[]; readonly last: readonly Value[]; readonly dot: Value },
  ): Value {
    let value: Value;
    for (const operand of rest) {
      value = this.#operand(operand, dot, []);
      if (isTrue(value) !== isAnd) return value;
    }
    return last.length > 0 ? last[0] : value;
  }

  #function(name: string, args: readonly Value[]): Value {
    return this.#isHeader && OF_DATA.has(name) ? args[0] : callFunction(name, args);
  }

  #operand(operand: Operand, dot: Value, args: readonly Value[]): Value {
    switch (operand.kind) {
      case 'dot':
        return dot;
      case 'nil':
        return null;
      case 'constant':
        return operand.value;
      case 'function':
        return this.#function(operand.name, args);
      case 'fields':
        return follow(dot, operand.names, args);
      case 'variable':
        return follow(this.#variable(operand.name).value, operand.names, args);
      case 'chain':
        return follow(this.#pipe(operand.pipe, dot), operand.names, args);
    }
  }
}

const OF_DATA: ReadonlySet<string> = new Set([
  'json',
  'split',
  'join',
  'title',
  'lower',
  'upper',
  'pad',
  'truncate',
]);

function callFunction(name: string, args: readonly Value[]): Value {
  const called = FUNCTIONS.get(name);
  if (called === undefined) return args.at(-1);
  if (args.length >= called.length) return called(...args);
  throw executionError(`the function ${name} takes ${called.length} values, not ${args.length}`);
}

/** Fields of fields; the last may be a method, which gets the arguments. */
function follow(value: Value, names: readonly string[], args: readonly Value[]): Value {
  if (names.length === 0) return applied(value, args);
  return names.reduce(
    (from, name, index) => applied(fieldOf(from, name), index === names.length - 1 ? args : []),
    value,
  );
}

function applied(value: Value, args: readonly Value[]): Value {
  if (typeof value === 'function') return value(...args);
  if (args.length === 0) return value;
  throw executionError('what is no function takes no arguments');
}

function fieldOf(value: Value, name: string): Value {
  if (isMap(value)) return value.get(name);
  if (isEmpty(value) && value.text === 'map[]') return undefined;
  if (value === null || value === undefined) {
    throw executionError(`.${name} is asked of what has no value`);
  }
  if (!isStruct(value))
    throw executionError(`.${name} is asked of a ${typeName(value)}, which has no fields`);
  if (Object.hasOwn(value, name)) return value[name];
  throw executionError(`there is no field .${name}; {{json .}} shows those that there are`);
}

function entriesOf(value: Value): readonly (readonly [Value, Value])[] {
  if (value === null || value === undefined || isEmpty(value)) return [];
  if (isMap(value)) return sortedEntries(value);
  if (isList(value)) return value.map((inner, index) => [index, inner] as const);
  if (typeof value === 'number') return Array.from({ length: value }, (_, index) => [index, index] as const);
  throw executionError(`range can't go through a ${typeName(value)}`);
}
