// npm run setup: everything that the checkout needs before its programs run; quick when nothing has changed.

import { pathToFileURL } from 'node:url';
import { build } from './setup/build.mjs';
import { SetupProblem } from './setup/checkout.mjs';
import { currentNode } from './setup/current-node.mjs';
import { debianPackages } from './setup/debian-packages.mjs';
import { helloImage } from './setup/load-hello.mjs';
import { npmPackages } from './setup/npm-packages.mjs';
import { rust } from './setup/rust.mjs';

const OLDEST_NODE = 20;

/**
 * Does the steps that aren't current, with these groups of Debian packages besides what the build needs. Problems are
 * printed; false when one of them is essential.
 */
export async function setUp({ packages = [] } = {}) {
  if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
    console.error(`Corten's scripts need Node ${OLDEST_NODE} or newer; this is ${process.version}.`);
    return false;
  }
  const steps = [debianPackages('build'), npmPackages, currentNode, rust, build, helloImage];
  steps.unshift(...packages.map(debianPackages));
  for (const step of steps) {
    if (!(await carriesOn(step))) return false;
  }
  return true;
}

async function carriesOn(step) {
  if (step.isCurrent()) return true;
  const start = performance.now();
  console.log(`set-up: ${step.name} …`);
  try {
    await step.work();
  } catch (error) {
    if (!(error instanceof SetupProblem)) throw error;
    console.error(`set-up: ${error.message}.`);
    return !error.essential;
  }
  console.log(`set-up: ${step.name} done in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return true;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const start = performance.now();
  const isReady = await setUp({ packages: process.argv.includes('--tests') ? ['test'] : [] });
  if (isReady)
    console.log(`bin/runt and bin/corten are ready (${((performance.now() - start) / 1000).toFixed(1)} s).`);
  process.exitCode = isReady ? 0 : 1;
}
