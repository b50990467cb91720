// The fuzzers that run inside the host, for a moment each: `npm run fuzz` gives one more time.

import { describe } from 'node:test';
import { listBundles, runBundle } from './host/bundles.ts';

for (const bundle of listBundles('fuzzers')) describe(bundle, () => runBundle(bundle));
