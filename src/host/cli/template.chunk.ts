import { executeHeader, executeTemplate } from './template/execute.ts';
import { isFunction } from './template/functions.ts';
import type { Template } from './template/nodes.ts';
import { parseTemplate } from './template/parse.ts';
import { typed } from './template/typed.ts';
import type { Struct, Value } from './template/values.ts';

export type { Struct, Template, Value };

/** Reads a template in Go's syntax, with docker's functions. Throws CLI_TEMPLATE_SYNTAX. */
export function readTemplate(text: string): Template {
  return parseTemplate(text, isFunction);
}

/** Fills it in with a value as it is. Throws CLI_TEMPLATE_FAILED. */
export function fillIn(template: Template, value: Value): string {
  return executeTemplate(template, value);
}

/** Fills it in with a document of docker's API, whose maps are known by their names. */
export function fillInDocument(template: Template, document: object): string {
  return executeTemplate(template, typed(document));
}

/** The line above a table: each field is its own title, whatever functions the template puts around it. */
export function fillInHeader(template: Template, titles: object): string {
  const label = (name: Value): string => titleOfLabel(typeof name === 'string' ? name : '');
  return executeHeader(template, { ...(titles as Struct), Label: label });
}

/** As docker shows `com.example.some-key`. */
function titleOfLabel(name: string): string {
  return (name.split('.').at(-1) ?? '').replaceAll(/[-_]/g, ' ').toUpperCase();
}
