const MAGIC = '070701';
const END = 'TRAILER!!!';

/** An archive that the kernel unpacks as its first root: cpio's "newc" form (the kernel's initramfs buffer format). */
export function cpio(entries) {
  const all = [...entries, { name: END, mode: 0, content: Buffer.alloc(0) }];
  return Buffer.concat(
    all.flatMap(({ name, mode, content }, index) => member(index + 1, { name, mode, content })),
  );
}

function member(inode, { name, mode, content }) {
  const path = Buffer.from(`${name}\0`);
  const fields = [inode, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, path.length, 0];
  const header = Buffer.from(MAGIC + fields.map((field) => field.toString(16).padStart(8, '0')).join(''));
  return [padded(Buffer.concat([header, path])), padded(content)];
}

function padded(bytes) {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
}
