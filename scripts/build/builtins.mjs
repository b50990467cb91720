/**
 * An esbuild plugin: modules of Node itself are got by a call and not by `import`, which reads every export of each,
 * those among them that load others. That of `node:http` alone loads undici: 25 ms and 10 MB a start.
 */
export const builtins = {
  name: 'builtins',
  setup(build) {
    build.onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: 'builtin', sideEffects: false }));
    build.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
  },
};
