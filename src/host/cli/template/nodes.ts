/** The syntax tree of a template, as Go's text/template/parse has it. */
export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipe: Pipe }
  | {
      readonly kind: 'if' | 'with' | 'range';
      readonly pipe: Pipe;
      readonly body: Body;
      readonly otherwise: Body;
    }
  | { readonly kind: 'template'; readonly name: string; readonly pipe: Pipe | undefined }
  | { readonly kind: 'break' | 'continue' };

export type Body = readonly Node[];

/** Commands, each of which gets the value of the one before it as its last argument. */
export interface Pipe {
  readonly variables: readonly string[];
  /** `:=` makes the variables, `=` sets them. */
  readonly isDeclaration: boolean;
  readonly commands: readonly Command[];
}

export type Command = readonly [Operand, ...Operand[]];

export type Operand =
  | { readonly kind: 'dot' }
  | { readonly kind: 'nil' }
  | { readonly kind: 'constant'; readonly value: string | number | boolean }
  | { readonly kind: 'function'; readonly name: string }
  /** `.A.B`: fields of dot. */
  | { readonly kind: 'fields'; readonly names: readonly string[] }
  | { readonly kind: 'variable'; readonly name: string; readonly names: readonly string[] }
  /** `(pipe).A.B` */
  | { readonly kind: 'chain'; readonly pipe: Pipe; readonly names: readonly string[] };

export interface Template {
  readonly body: Body;
  /** What `define` and `block` name. */
  readonly named: ReadonlyMap<string, Body>;
}
