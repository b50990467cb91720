type ChooseIds = typeof import('./choose-ids.chunk.ts');
type OpenIds = typeof import('./open-ids.chunk.ts');

/** What a new container with ids of its own needs. */
export function chooseIdsModule(): ChooseIds {
  return load('engine/ids/choose-ids.chunk.js') as ChooseIds;
}

/** What each start of one needs. */
export function openIdsModule(): OpenIds {
  return load('engine/ids/open-ids.chunk.js') as OpenIds;
}
