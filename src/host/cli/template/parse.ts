import { syntaxError } from './errors.ts';
import type { Body, Node, Pipe, Template } from './nodes.ts';
import { PipeParser } from './parse-pipe.ts';
import { tokenize, type Piece, type Token } from './tokens.ts';

/** Reads a template in the syntax of Go's text/template. Throws CLI_TEMPLATE_SYNTAX. */
export function parseTemplate(text: string, isFunction: (name: string) => boolean): Template {
  return new Parser(tokenize(text), isFunction).parse();
}

/** Why a body ended. */
type End = 'end' | 'else' | 'eof';

interface Part {
  readonly body: Body;
  readonly end: End;
  /** What stands after `else`. */
  readonly words: readonly Token[];
}

class Parser {
  readonly #pieces: readonly Piece[];
  readonly #isFunction: (name: string) => boolean;
  readonly #named = new Map<string, Body>();
  #at = 0;
  #loops = 0;
  /** Names of variables that are known here, the innermost last. */
  #variables: string[] = ['$'];

  constructor(pieces: readonly Piece[], isFunction: (name: string) => boolean) {
    this.#pieces = pieces;
    this.#isFunction = isFunction;
  }

  parse(): Template {
    const { body, end } = this.#body();
    if (end !== 'eof') throw syntaxError(`an {{${end}}} belongs to nothing`);
    return { body, named: this.#named };
  }

  #body(): Part {
    const body: Node[] = [];
    while (this.#at < this.#pieces.length) {
      const piece = this.#pieces[this.#at++];
      if (piece?.kind !== 'action') {
        if (piece !== undefined) body.push(piece);
        continue;
      }
      const [first, ...rest] = piece.tokens;
      const word = first?.kind === 'name' ? first.text : '';
      if (word === 'end' || word === 'else') return { body, end: word, words: rest };
      const node = this.#statement(word, piece.tokens, rest);
      if (node !== undefined) body.push(node);
    }
    return { body, end: 'eof', words: [] };
  }

  #statement(word: string, tokens: readonly Token[], rest: readonly Token[]): Node | undefined {
    switch (word) {
      case 'if':
      case 'with':
      case 'range':
        return this.#branch(word, rest);
      case 'define':
      case 'block':
        return this.#definition(word, rest);
      case 'template':
        return { kind: 'template', ...this.#nameAndPipe(rest) };
      case 'break':
      case 'continue':
        if (this.#loops === 0 || rest.length > 0)
          throw syntaxError(`{{${word}}} stands alone, and in a range`);
        return { kind: word };
      default:
        return { kind: 'action', pipe: this.#pipe(tokens, 0) };
    }
  }

  #branch(kind: 'if' | 'with' | 'range', words: readonly Token[]): Node {
    const known = this.#variables.length;
    const pipe = this.#pipe(words, kind === 'range' ? 2 : 1);
    const outside = this.#loops;
    if (kind === 'range') this.#loops++;
    const first = this.#inner(kind);
    this.#loops = outside;
    const otherwise = first.end === 'else' ? this.#otherwise(kind, first.words) : [];
    this.#variables.length = known;
    return { kind, pipe, body: first.body, otherwise };
  }

  /** `{{else}}`, `{{else if …}}` and `{{else with …}}`; the last two share the one `{{end}}`. */
  #otherwise(kind: string, [word, ...words]: readonly Token[]): Body {
    if (word !== undefined) {
      const isChained = (word.text === 'if' && kind === 'if') || (word.text === 'with' && kind === 'with');
      if (!isChained) throw syntaxError(`{{else ${word.text}}} is unknown here`);
      return [this.#branch(kind === 'if' ? 'if' : 'with', words)];
    }
    const { body, end } = this.#inner(kind);
    if (end !== 'end') throw syntaxError(`{{${kind}}} has more than one {{else}}`);
    return body;
  }

  /** A body that must end; its variables end with it. */
  #inner(kind: string): Part {
    const known = this.#variables.length;
    const part = this.#body();
    this.#variables.length = known;
    if (part.end === 'eof') throw syntaxError(`{{${kind}}} has no {{end}}`);
    return part;
  }

  #definition(word: 'define' | 'block', tokens: readonly Token[]): Node | undefined {
    const { name, pipe } = this.#nameAndPipe(tokens);
    const outer = this.#variables;
    this.#variables = ['$'];
    const { body, end } = this.#inner(word);
    this.#variables = outer;
    if (end !== 'end') throw syntaxError(`{{${word}}} has no {{else}}`);
    this.#named.set(name, body);
    return word === 'block' ? { kind: 'template', name, pipe } : undefined;
  }

  #nameAndPipe([name, ...rest]: readonly Token[]): {
    readonly name: string;
    readonly pipe: Pipe | undefined;
  } {
    if (name?.kind !== 'text') throw syntaxError('a name in quotes must follow define, block and template');
    return { name: name.text.slice(1, -1), pipe: rest.length === 0 ? undefined : this.#pipe(rest, 0) };
  }

  /** `most` variables may be declared for a body: of what is no branch, they last as long as the body around it. */
  #pipe(tokens: readonly Token[], most: number): Pipe {
    const parser = new PipeParser(tokens, this.#isFunction, (name) => this.#variables.includes(name));
    const pipe = parser.parse(Math.max(most, 1));
    if (pipe.isDeclaration) this.#variables.push(...pipe.variables);
    return pipe;
  }
}
