import { syntaxError } from './errors.ts';

/** A piece of a template: text as it is, or the words of one `{{ }}`. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly tokens: readonly Token[] };

/** One word of an action, and whether a blank stands before it, which ends a chain of fields. */
export interface Token {
  readonly kind: 'name' | 'field' | 'variable' | 'text' | 'number' | 'punctuation';
  readonly text: string;
  readonly isAfterBlank: boolean;
}

const COMMENT = /^\/\*[^]*?\*\/\s*(?:-\}\}|\}\})/;
const WORD =
  /(\s+)|("(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)+')|([+-]?(?:0[xXbBoO][\da-fA-F_]+|(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?![\w.]))|(\.[\p{L}_][\p{L}\p{N}_]*)|(\$[\p{L}\p{N}_]*)|([\p{L}_][\p{L}\p{N}_]*)|(:=|[=|(),.])/uy;
const BLANKS_AT_END = /[ \t\r\n]+$/;
const BLANKS_AT_START = /^[ \t\r\n]+/;

/** Divides a template; `{{- ` and ` -}}` take the blanks of the text beside them. */
export function tokenize(template: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let isTrimmed = false;
  const addText = (text: string): void => {
    const shown = isTrimmed ? text.replace(BLANKS_AT_START, '') : text;
    if (shown !== '') pieces.push({ kind: 'text', text: shown });
  };
  for (let at = 0; ;) {
    const open = template.indexOf('{{', at);
    if (open < 0) {
      addText(template.slice(at));
      return pieces;
    }
    const trimsBefore = /^-[ \t\r\n]/.test(template.slice(open + 2, open + 4));
    const text = template.slice(at, open);
    addText(trimsBefore ? text.replace(BLANKS_AT_END, '') : text);
    const start = open + 2 + (trimsBefore ? 2 : 0);
    const comment = COMMENT.exec(template.slice(start).replace(BLANKS_AT_START, ''));
    const action = comment === null ? readAction(template, start) : endOfComment(template, start);
    if (action.tokens !== undefined) pieces.push({ kind: 'action', tokens: action.tokens });
    isTrimmed = action.trimsAfter;
    at = action.end;
  }
}

interface Action {
  readonly tokens: readonly Token[] | undefined;
  readonly trimsAfter: boolean;
  readonly end: number;
}

function endOfComment(template: string, start: number): Action {
  const end = template.indexOf('}}', template.indexOf('*/', start)) + 2;
  return { tokens: undefined, trimsAfter: template[end - 3] === '-', end };
}

const KINDS = ['text', 'number', 'field', 'variable', 'name', 'punctuation'] as const;

function readAction(template: string, start: number): Action {
  const tokens: Token[] = [];
  let isAfterBlank = true;
  WORD.lastIndex = start;
  for (;;) {
    const at = WORD.lastIndex;
    if (template.startsWith('}}', at)) return { tokens, trimsAfter: false, end: at + 2 };
    if (isAfterBlank && template.startsWith('-}}', at)) return { tokens, trimsAfter: true, end: at + 3 };
    const found = WORD.exec(template);
    if (found === null) {
      const rest = template.slice(at, at + 12);
      throw syntaxError(
        rest === ''
          ? `the action that begins with {{${template.slice(start, start + 12)} has no }}`
          : `unexpected ${JSON.stringify(rest)}`,
      );
    }
    const [text, blanks] = found;
    const kind = KINDS[found.slice(2).findIndex((group) => group !== undefined)];
    if (blanks === undefined && kind !== undefined) tokens.push({ kind, text, isAfterBlank });
    isAfterBlank = blanks !== undefined;
  }
}
