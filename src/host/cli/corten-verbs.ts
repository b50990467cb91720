/** Every verb of `corten`, with what it does. */
export const VERBS: ReadonlyMap<string, string> = new Map([
  ['run', 'make a container from an image and run a program in it'],
  ['ps', 'list containers'],
  ['logs', 'show what a container has written'],
  ['exec', 'run one more program in a container'],
  ['stop', 'stop containers'],
  ['kill', 'send a signal to containers'],
  ['rm', 'remove containers'],
  ['wait', 'wait until containers end, and print their exit codes'],
  ['inspect', 'show all about containers and images as JSON'],
  ['pull', 'bring an image from its registry'],
  ['push', 'bring an image to its registry'],
  ['load', 'load images from an archive or a directory'],
  ['save', 'write images to an archive or a directory'],
  ['import', 'make an image of the tar of a root file system'],
  ['images', 'list images'],
  ['tag', 'give an image one more name'],
  ['history', 'show the steps by which an image was made'],
  ['rmi', 'remove images'],
  ['login', 'log in to a registry'],
  ['logout', 'forget the login to a registry'],
  ['version', 'print the version'],
]);

/** Verbs that stand in a group alone. */
export const GROUPED_VERBS: ReadonlyMap<string, string> = new Map([
  ['image-inspect', 'show all about images as JSON'],
  ['image-prune', 'remove images that have no name any more'],
]);

/** Other names of verbs. */
export const ALIASES: ReadonlyMap<string, string> = new Map([['ls', 'ps']]);

/** Words that stand before a verb, as in `image ls`. */
export const GROUPS: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
  [
    'image',
    new Map([
      ['ls', 'images'],
      ['list', 'images'],
      ['rm', 'rmi'],
      ['inspect', 'image-inspect'],
      ['load', 'load'],
      ['save', 'save'],
      ['import', 'import'],
      ['pull', 'pull'],
      ['push', 'push'],
      ['tag', 'tag'],
      ['history', 'history'],
      ['prune', 'image-prune'],
    ]),
  ],
  [
    'container',
    new Map([
      ['run', 'run'],
      ['ls', 'ps'],
      ['list', 'ps'],
      ['ps', 'ps'],
      ['logs', 'logs'],
      ['exec', 'exec'],
      ['stop', 'stop'],
      ['kill', 'kill'],
      ['rm', 'rm'],
      ['wait', 'wait'],
      ['inspect', 'inspect'],
    ]),
  ],
]);
