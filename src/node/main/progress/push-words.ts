import type { TransferWords } from './transfer.ts';

export const PUSH_WORDS: TransferWords = {
  waiting: 'Preparing',
  running: 'Pushing',
  present: 'Layer already exists',
  mounted: 'Mounted from another repository',
  done: 'Pushed',
};
