import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LayerConverter } from './layer-converter.ts';
import { archiveOf } from './testing/archive-of.ts';
import { convert, treeOf } from './testing/converted.ts';
import { MemoryImage } from './testing/memory-image.ts';

test('LayerConverter waits with a directory that only the layers below know, but not where they have a link there', () => {
  const lower = convert(archiveOf({ path: 'a/', mode: 0o711 }, 'lib -> a')).image;
  const finish = (word: string) => {
    const image = new MemoryImage();
    const converter = new LayerConverter(image);
    converter.push(archiveOf(word));
    assert.equal(converter.end(), true);
    converter.finish([lower]);
    return treeOf(image);
  };
  assert.deepEqual(finish('a/f'), { '': '40755 3', '/a': '40711 2', '/a/f': '100644 1 a/f' });
  assert.throws(() => finish('lib/f'), { code: 'ARCHIVE_NEEDS_LOWERS' });
  assert.equal(treeOf(convert(archiveOf('lib/f'), { lowers: [lower] }).image)['/a/f'], '100644 1 lib/f');
});
