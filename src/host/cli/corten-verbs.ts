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
  ['search', 'look for images in registries'],
  ['login', 'log in to a registry'],
  ['logout', 'forget the login to a registry'],
  ['config', 'print the settings that hold, each with its file'],
  ['version', 'print the version'],
]);

/** Verbs that stand in a group alone. */
export const GROUPED_VERBS: ReadonlyMap<string, string> = new Map([
  ['image-inspect', 'show all about images as JSON'],
  ['image-prune', 'remove images that have no name any more'],
  ['registry-tags', 'list the tags of a repository'],
  ['registry-rm', 'take tags and manifests away from a registry'],
  ['registry-referrers', 'list what refers to an image, as signatures do'],
  ['manifest-create', 'begin a list of images for several platforms'],
  ['manifest-add', 'put images into a list'],
  ['manifest-annotate', "change what a list says of an image's platform"],
  ['manifest-remove', 'take an image out of a list'],
  ['manifest-inspect', 'show a list, or what a registry has under a name'],
  ['manifest-push', 'bring a list and its images to a registry'],
  ['manifest-rm', 'forget lists'],
  ['manifest-exists', 'whether there is such a list, by exit code'],
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
    'registry',
    new Map([
      ['tags', 'registry-tags'],
      ['rm', 'registry-rm'],
      ['referrers', 'registry-referrers'],
      ['search', 'search'],
      ['login', 'login'],
      ['logout', 'logout'],
    ]),
  ],
  [
    'manifest',
    new Map([
      ['create', 'manifest-create'],
      ['add', 'manifest-add'],
      ['annotate', 'manifest-annotate'],
      ['remove', 'manifest-remove'],
      ['inspect', 'manifest-inspect'],
      ['push', 'manifest-push'],
      ['rm', 'manifest-rm'],
      ['exists', 'manifest-exists'],
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
