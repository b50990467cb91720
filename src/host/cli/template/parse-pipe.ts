import { numberConstant, textConstant } from './constants.ts';
import { syntaxError } from './errors.ts';
import type { Command, Operand, Pipe } from './nodes.ts';
import type { Token } from './tokens.ts';

/** The words of one action as a pipe. */
export class PipeParser {
  readonly #tokens: readonly Token[];
  readonly #isFunction: (name: string) => boolean;
  readonly #isVariable: (name: string) => boolean;
  #at = 0;

  constructor(
    tokens: readonly Token[],
    isFunction: (name: string) => boolean,
    isVariable: (name: string) => boolean,
  ) {
    this.#tokens = tokens;
    this.#isFunction = isFunction;
    this.#isVariable = isVariable;
  }

  /** With up to `most` variables before `:=` or `=`. */
  parse(most: number): Pipe {
    const pipe = this.#pipe(this.#variables(most));
    const left = this.#tokens[this.#at];
    if (left !== undefined) throw syntaxError(`unexpected ${JSON.stringify(left.text)}`);
    return pipe;
  }

  #variables(most: number): Pick<Pipe, 'variables' | 'isDeclaration'> {
    const names: string[] = [];
    for (let at = 0; this.#tokens[at]?.kind === 'variable'; at += 2) {
      names.push(this.#tokens[at]?.text ?? '');
      const next = this.#tokens[at + 1];
      if (next?.text === ':=' || next?.text === '=') {
        if (names.length > most) throw syntaxError(`too many variables before ${next.text}`);
        this.#at = at + 2;
        const unknown = next.text === '=' ? names.find((name) => !this.#isVariable(name)) : undefined;
        if (unknown !== undefined) throw syntaxError(`the variable ${unknown} is unknown`);
        return { variables: names, isDeclaration: next.text === ':=' };
      }
      if (next?.text !== ',') break;
    }
    return { variables: [], isDeclaration: false };
  }

  #pipe(declared: Pick<Pipe, 'variables' | 'isDeclaration'>): Pipe {
    const commands = [this.#command()];
    while (this.#tokens[this.#at]?.text === '|') {
      this.#at++;
      commands.push(this.#command());
    }
    const constant = commands.slice(1).find(([first]) => first.kind === 'constant' || first.kind === 'dot');
    if (constant !== undefined) throw syntaxError('what stands after | must be a function or a method');
    return { ...declared, commands };
  }

  #command(): Command {
    const first = this.#operand();
    if (first === undefined) {
      const next = this.#tokens[this.#at]?.text ?? '}}';
      throw syntaxError(`a value is missing before ${JSON.stringify(next)}`);
    }
    const rest: Operand[] = [];
    for (let next = this.#operand(); next !== undefined; next = this.#operand()) rest.push(next);
    return [first, ...rest];
  }

  /** undefined at what ends a command. */
  #operand(): Operand | undefined {
    const token = this.#tokens[this.#at];
    if (token === undefined || token.text === '|' || token.text === ')') return undefined;
    this.#at++;
    switch (token.kind) {
      case 'text':
        return { kind: 'constant', value: textConstant(token.text) };
      case 'number':
        return { kind: 'constant', value: numberConstant(token.text) };
      case 'name':
        return this.#named(token.text);
      case 'field':
        return { kind: 'fields', names: [token.text.slice(1), ...this.#fields()] };
      case 'variable':
        if (!this.#isVariable(token.text)) throw syntaxError(`the variable ${token.text} is unknown`);
        return { kind: 'variable', name: token.text, names: this.#fields() };
      case 'punctuation':
        return this.#punctuation(token.text);
    }
  }

  #named(name: string): Operand {
    if (name === 'true' || name === 'false') return { kind: 'constant', value: name === 'true' };
    if (name === 'nil') return { kind: 'nil' };
    if (this.#isFunction(name)) return { kind: 'function', name };
    throw syntaxError(`the function "${name}" is unknown`);
  }

  #punctuation(text: string): Operand {
    if (text === '.') return { kind: 'dot' };
    if (text !== '(') throw syntaxError(`unexpected "${text}"`);
    const pipe = this.#pipe({ variables: [], isDeclaration: false });
    if (this.#tokens[this.#at++]?.text !== ')') throw syntaxError('a parenthesis is not closed');
    return { kind: 'chain', pipe, names: this.#fields() };
  }

  /** The fields that follow without a blank. */
  #fields(): readonly string[] {
    const names: string[] = [];
    for (let token = this.#tokens[this.#at]; token?.kind === 'field' && !token.isAfterBlank;) {
      names.push(token.text.slice(1));
      token = this.#tokens[++this.#at];
    }
    return names;
  }
}
