// --format in Go's template syntax: what docker's own command line prints, and what is refused by which words.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillIn, fillInDocument, readTemplate } from '../src/host/cli/template.chunk.ts';
import { CASES } from './format/cases.ts';
import { DOCUMENT } from './format/document.ts';

for (const [template, printed] of CASES) {
  test(`${template} prints what docker prints`, () => {
    assert.equal(fillInDocument(readTemplate(template), DOCUMENT), printed);
  });
}

const NO_TEMPLATES: readonly (readonly [template: string, words: RegExp])[] = [
  ['{{.Name', /has no }}/],
  ['{{', /has no }}/],
  ['{{.Name}} {{end}}', /an {{end}} belongs to nothing/],
  ['{{if .Name}}x', /{{if}} has no {{end}}/],
  ['{{range .Args}}{{else}}{{else}}{{end}}', /more than one {{else}}/],
  ['{{nosuch .Name}}', /the function "nosuch" is unknown/],
  ['{{$x}}', /the variable \$x is unknown/],
  ['{{$x = 1}}', /the variable \$x is unknown/],
  ['{{with $x := 1}}{{end}}{{$x}}', /the variable \$x is unknown/],
  ['{{}}', /a value is missing/],
  ['{{.Name | }}', /a value is missing/],
  ['{{.Name | "x"}}', /must be a function/],
  ['{{(.Name}}', /a parenthesis is not closed/],
  ['{{.Name)}}', /unexpected/],
  ['{{break}}', /in a range/],
  ['{{"\\y"}}', /the escape \\y is unknown/],
  ['{{.Name #}}', /unexpected/],
  ["{{'ab'}}", /more than one character/],
];

for (const [template, words] of NO_TEMPLATES) {
  test(`${template} is no template`, () => {
    assert.throws(() => readTemplate(template), { code: 'CLI_TEMPLATE_SYNTAX', message: words });
  });
}

const UNFILLABLE: readonly (readonly [template: string, words: RegExp])[] = [
  ['{{.Nosuch}}', /there is no field \.Nosuch/],
  ['{{.State.Nosuch}}', /there is no field \.Nosuch/],
  ['{{.Name.First}}', /a string, which has no fields/],
  ['{{index .Args 7}}', /the index 7 is out of range/],
  ['{{index .Args "a"}}', /no number/],
  ['{{index .RestartCount 0}}', /can't be indexed/],
  ['{{len .RestartCount}}', /has no length/],
  ['{{range .Name}}{{end}}', /range can't go through a string/],
  ['{{eq .Name 1}}', /can't be compared/],
  ['{{lt .Args 1}}', /can't be compared/],
  ['{{join .Name ","}}', /a list is wanted, not a string/],
  ['{{split .Args ","}}', /a text is wanted/],
  ['{{slice .Name 3 2}}', /out of range/],
  ['{{template "none"}}', /no template "none"/],
  ['{{define "T"}}{{template "T"}}{{end}}{{template "T"}}', /calls itself without end/],
  ['{{json}}', /takes 1 values, not 0/],
  ['{{.Name 1}}', /takes no arguments|has no/],
  ['{{call .Name}}', /can't be called/],
];

for (const [template, words] of UNFILLABLE) {
  test(`${template} can't be filled in`, () => {
    const read = readTemplate(template);
    assert.throws(() => fillInDocument(read, DOCUMENT), { code: 'CLI_TEMPLATE_FAILED', message: words });
  });
}

test('a method of a row gets its arguments, and keys of strangers are only keys', () => {
  const row = { Label: (name: unknown) => `<${String(name)}>`, ID: 'x' };
  assert.equal(
    fillIn(readTemplate('{{.ID}} {{.Label "a"}} {{"b" | .Label}} {{json .}}'), row),
    'x <a> <b> {"ID":"x"}',
  );
  const hostile = JSON.parse('{"Labels":{"__proto__":"p","constructor":"c"}}') as object;
  const template = '{{index .Labels "__proto__"}}{{.Labels.constructor}}{{.Labels.toString}}{{json .Labels}}';
  assert.equal(
    fillInDocument(readTemplate(template), hostile),
    'pc<no value>{"__proto__":"p","constructor":"c"}',
  );
  assert.throws(() => fillInDocument(readTemplate('{{.constructor}}'), hostile), {
    code: 'CLI_TEMPLATE_FAILED',
  });
});
