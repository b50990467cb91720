import { readFileSync } from 'node:fs';
import { inCheckout } from '../setup/checkout.mjs';

/** The committed skips: `{ "test": "FILE: NAME", "reason": "..." }` each. */
export function readSkips() {
  return JSON.parse(readFileSync(inCheckout('test/skips.json'), 'utf8'));
}

/** One sentence for each skipped test that isn't committed, and for each committed one that names no test. */
export function skipFaults(committed, { skipped, seen, isWholeRun }) {
  const known = new Set(committed.map((entry) => entry.test));
  const news = skipped
    .filter((name) => !known.has(name))
    .map((name) => `Skipped, but not in test/skips.json: ${name}`);
  const stale = committed
    .filter((entry) => isWholeRun && !seen.includes(entry.test))
    .map((entry) => `In test/skips.json, but there is no such test: ${entry.test}`);
  const bare = committed
    .filter((entry) => typeof entry.reason !== 'string' || entry.reason === '')
    .map((entry) => `In test/skips.json without a reason: ${entry.test}`);
  return [...news, ...stale, ...bare];
}
