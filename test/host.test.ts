// The tests of src/host, and those of src/pure once more, inside the host: each bundle of bin/corten-test is a
// suite here, each line of its TAP a test.

import { describe } from 'node:test';
import { listBundles, runBundle } from './host/bundles.ts';

for (const bundle of listBundles('tests')) describe(bundle, () => runBundle(bundle));
