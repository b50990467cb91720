type Ending = typeof import('./container-events.chunk.ts');

/** Read at first need: what happens to a container that isn't its start. */
export function ending(): Ending {
  return load('monitor/container-events.chunk.js') as Ending;
}
