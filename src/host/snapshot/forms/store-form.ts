import { isSysError, sys } from '../../kernel/call.ts';
import { readTextIfThere, replaceFile } from '../../kernel/files.ts';

/** How a store gives containers their root file systems; found by trying (docs/layers.md). */
export interface StoreForm {
  /** A layer is mounted from its EROFS file by the kernel itself, by a loop device, or is a directory tree. */
  readonly layers: 'erofs-file' | 'erofs-loop' | 'directory';
  /** The overlay takes its layers as descriptors or as paths; `none`: each container has a copy of its image. */
  readonly overlay: 'descriptors' | 'paths' | 'none';
  /** overlayfs keeps its marks in `user.overlay.`, as it has to inside a user namespace. */
  readonly isUserXattr: boolean;
}

const RECORD_FILE = 'layer-form.json';

interface Recorded {
  readonly machine: string;
  readonly form: StoreForm;
}

/** What was found before, as long as kernel and user namespace are the same. */
export function recordedForm(store: string): StoreForm | undefined {
  const text = readTextIfThere(`${store}/${RECORD_FILE}`);
  if (text === undefined) return undefined;
  const { machine, form } = JSON.parse(text) as Recorded;
  return machine === thisMachine() ? form : undefined;
}

export function recordForm(store: string, form: StoreForm): void {
  const record: Recorded = { machine: thisMachine(), form };
  try {
    replaceFile(`${store}/${RECORD_FILE}`, `${JSON.stringify(record)}\n`);
  } catch (error) {
    // Another start records the same at this moment.
    if (!isSysError(error, 'EEXIST', 'ENOENT')) throw error;
  }
}

/** Kernel and mapping of users: what decides beside the store's own file system. */
function thisMachine(): string {
  // struct new_utsname: six fields of 65 bytes; release and version are the third and fourth.
  const names = new Uint8Array(6 * 65);
  sys('uname', names);
  const field = (index: number): string => utf8(names, index * 65, indexOf(names, 0, index * 65));
  return `${field(2)} ${field(3)} ${readTextIfThere('/proc/self/uid_map')?.replaceAll(/\s+/g, ' ') ?? ''}`;
}
