// The templates that corten-format knows, given to Debian's docker: it prints what the table says.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { CASES } from './format/cases.ts';
import { OneContainer } from './format/docker-inspect.ts';
import { DOCUMENT } from './format/document.ts';

const container = new OneContainer(DOCUMENT);
await container.listen();
after(() => container.close());

for (const [template, printed] of CASES) {
  test(template, async () => assert.equal(await container.format(template), printed));
}
