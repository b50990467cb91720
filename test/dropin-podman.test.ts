// Debian's podman with `--runtime runt`.

import { after } from 'node:test';
import { commonCases } from './dropin/cases.ts';
import { Peer } from './dropin/peer.ts';
import { startPodman } from './dropin/podman.ts';

const engine = await startPodman();
after(() => engine.close());

commonCases(new Peer(engine));
