/** Every verb of `corten`, with what it does. */
export const VERBS: ReadonlyMap<string, string> = new Map([
  ['run', 'make a container from an image and run a program in it'],
  ['ps', 'list containers'],
  ['logs', 'show what a container has written'],
  ['exec', 'run one more program in a container'],
  ['attach', "join the terminal with a running container's streams"],
  ['top', 'show the processes of a container'],
  ['stats', 'show what containers use of the machine'],
  ['stop', 'stop containers'],
  ['kill', 'send a signal to containers'],
  ['pause', 'freeze the processes of containers'],
  ['unpause', 'let the processes of paused containers go on'],
  ['rename', 'give a container another name'],
  ['update', 'change the limits of containers'],
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
  ['unpack', 'make a directory of the files of an image'],
  ['login', 'log in to a registry'],
  ['logout', 'forget the login to a registry'],
  ['completion', "print what makes a shell complete corten's words"],
  ['version', 'print the version'],
]);

/** Verbs that stand in a group alone. */
export const GROUPED_VERBS: ReadonlyMap<string, string> = new Map([
  ['image-inspect', 'show all about images as JSON'],
  ['image-mount', 'mount the files of images'],
  ['image-unmount', 'unmount images'],
  ['image-tree', 'show the layers of an image'],
  ['image-prune', 'remove images that have no name any more'],
  ['generate-systemd', 'print a systemd unit that runs a container as a service'],
]);

/** Commands of the peers that are to come, and what serves meanwhile. */
export const NOT_YET: ReadonlyMap<string, string> = new Map([
  ['build', 'build the image with another tool, and bring it here by corten load or corten pull'],
  ['buildx', 'build the image with another tool, and bring it here by corten load or corten pull'],
  ['compose', 'start the containers of the file one by one with corten run'],
  ['swarm', 'this engine is for one machine'],
  ['service', 'this engine is for one machine: corten run starts a container'],
  ['stack', 'this engine is for one machine: corten run starts a container'],
  ['machine', 'corten runs on Linux itself, without a virtual machine'],
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
      ['mount', 'image-mount'],
      ['unmount', 'image-unmount'],
      ['umount', 'image-unmount'],
      ['tree', 'image-tree'],
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
      ['pause', 'pause'],
      ['unpause', 'unpause'],
      ['attach', 'attach'],
      ['top', 'top'],
      ['stats', 'stats'],
      ['rename', 'rename'],
      ['update', 'update'],
      ['rm', 'rm'],
      ['wait', 'wait'],
      ['inspect', 'inspect'],
    ]),
  ],
  ['generate', new Map([['systemd', 'generate-systemd']])],
]);
