// The architecture as import rules: docs/architecture.md draws the same picture in words.

import { Visitor } from '@swc/core/Visitor.js';

// dependency-cruiser reads TypeScript by swc (TypeScript 7 has no parser for JavaScript programs), whose visitor
// stops at `using` declarations.
const visitStatement = Visitor.prototype.visitStatement;
Visitor.prototype.visitStatement = function visitStatementOrUsing(statement) {
  if (statement.type !== 'UsingDeclaration') return visitStatement.call(this, statement);
  this.visitVariableDeclarators(statement.decls);
  return statement;
};

/** Modules of each world by level, bottom to top; modules of one level don't import each other. */
const LEVELS = {
  pure: [['base'], ['spec'], ['archive'], ['config'], ['store']],
  host: [
    ['kernel'],
    ['runtime', 'snapshot', 'volume', 'network'],
    ['monitor'],
    ['engine'],
    ['cli'],
    ['main'],
  ],
  node: [['registry'], ['images'], ['main']],
};

const folder = (world, names) => `^src/${world}/(${names.join('|')})/`;

/** One rule a module: whatever it imports in src lies in itself, below it, or in `pure` (for host and node). */
function downwards(world) {
  return LEVELS[world].flatMap((level, index) => {
    const below = LEVELS[world].slice(0, index).flat();
    return level.map((name) => ({
      name: `${world}-${name}-imports-down`,
      comment: `${world}/${name} imports itself, ${below.join(', ') || 'nothing of its world'}${world === 'pure' ? '' : ' and pure'}`,
      severity: 'error',
      from: { path: `^src/${world}/${name}/` },
      to: {
        path: '^src/',
        pathNot: [folder(world, [name, ...below]), ...(world === 'pure' ? [] : ['^src/pure/'])],
      },
    }));
  });
}

const TEST = '\\.test\\.ts$';
/** A module's folder of what its tests share. */
const TESTING = '^src/[^/]+/[^/]+/(testing|trial)/';
const NODE_TEST = '\\.node\\.test\\.ts$';

const TOML = '^src/host/engine/settings/toml\\.chunk\\.ts$';

const rules = [
  ...Object.keys(LEVELS).flatMap(downwards),
  {
    name: 'private-folder',
    comment: "A module's top-level files are its public face; its sub-folders are its own",
    severity: 'error',
    from: { path: '^src/([^/]+)/([^/]+)/' },
    to: { path: '^src/[^/]+/[^/]+/[^/]+/', pathNot: ['^src/$1/$2/', TESTING] },
  },
  {
    name: 'private-folder-from-outside',
    comment: 'test, scripts and bench see public faces only, and what a module has for tests',
    severity: 'error',
    from: { pathNot: '^src/' },
    to: { path: '^src/[^/]+/[^/]+/[^/]+/', pathNot: TESTING },
  },
  {
    name: 'engine-code-imports-only-src',
    comment: 'pure and host run in QuickJS: no Node modules, no npm packages',
    severity: 'error',
    from: { path: '^src/(pure|host)/', pathNot: [TEST, TESTING, TOML] },
    to: { pathNot: '^src/' },
  },
  {
    name: 'toml-chunk-imports-only-its-parser',
    comment: 'smol-toml is plain ECMAScript, and a chunk that is read only where there is a file to parse',
    severity: 'error',
    from: { path: TOML },
    to: { pathNot: ['^src/', '^node_modules/smol-toml/'] },
  },
  {
    name: 'only-tests-import-testing',
    comment: 'What tests share stays out of the programs',
    severity: 'error',
    from: { pathNot: [TEST, TESTING, '^test/'] },
    to: { path: TESTING },
  },
  {
    name: 'engine-tests-import-only-the-test-api',
    comment: 'A test that needs more of Node is called x.node.test.ts',
    severity: 'error',
    from: { path: `^src/(pure|host)/.*${TEST}`, pathNot: NODE_TEST },
    to: { pathNot: ['^src/', '^(node:)?(test|assert/strict)$'] },
  },
  {
    name: 'node-code-imports-no-package-yet',
    comment: 'Each npm package of src/node is named in docs/dependencies.md and allowed here, by module',
    severity: 'error',
    from: { path: '^src/node/', pathNot: TEST },
    to: { path: '(^|/)node_modules/' },
  },
  {
    name: 'src-imports-src',
    comment: 'What ships knows nothing of tests, scripts and benchmarks',
    severity: 'error',
    from: { path: '^src/', pathNot: TEST },
    to: { path: ['^(test|scripts|bench)/', TEST] },
  },
  { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
  { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
];

const known = Object.keys(LEVELS).map((world) => folder(world, LEVELS[world].flat()));

export default {
  forbidden: rules,
  required: [
    {
      name: 'file-in-known-module',
      comment: 'Every file of src belongs to a module that the rules above know',
      severity: 'error',
      module: { path: '^src/', pathNot: [...known, '^src/host/native\\.d\\.ts$'] },
      to: { path: '^a file that lies nowhere$' },
    },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { extensions: ['.ts', '.mjs', '.d.ts'] },
  },
};
