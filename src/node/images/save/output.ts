/** Where the files of a saved image go. */
export interface SaveOutput {
  /** A file whose content is exactly of `size` bytes; one that is there is taken to be the same if it has a digest's name. */
  file(name: string, size: number, content: AsyncIterable<Uint8Array>): Promise<void>;
  folder(name: string): Promise<void>;
}

export async function putText(output: SaveOutput, name: string, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  await output.file(name, bytes.length, one(bytes));
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}
