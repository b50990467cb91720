// A registry with one image, for a network namespace of its own: prints the image's name, and serves until it is ended.

import { remoteBox } from '../registry/remote-box.ts';

const remote = await remoteBox(process.argv[2] ?? '', 'a note');
console.log(remote.name);
