// Debian's dockerd with runt in its daemon.json.

import { after } from 'node:test';
import { commonCases } from './dropin/cases.ts';
import { startDocker } from './dropin/docker.ts';
import { Peer } from './dropin/peer.ts';

const engine = await startDocker();
after(() => engine.close());

commonCases(new Peer(engine));
