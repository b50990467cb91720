import { sys } from '../../kernel/call.ts';
import { MAGIC } from '../../kernel/constants.ts';
import { fileSystemOf } from '../../kernel/stat.ts';
import type { StoreForm } from '../forms/store-form.ts';

const EVERY_OVERLAY = ['descriptors', 'paths'] as const;

/**
 * The forms that the kernel's own history says work here, so that one that fails is a failure: layers by descriptor
 * since Linux 6.15, EROFS by file since 6.12, and never on tmpfs.
 */
export function formsHere(place: string): readonly StoreForm[] {
  const version = kernelVersion();
  const overlays = EVERY_OVERLAY.filter((overlay) => overlay === 'paths' || version >= 6.15);
  const isTmpfs = fileSystemOf(place) === MAGIC.TMPFS;
  const layers = (['erofs-file', 'erofs-loop', 'directory'] as const).filter(
    (kind) => kind !== 'erofs-file' || (version >= 6.12 && !isTmpfs),
  );
  return [
    ...layers.flatMap((kind) => overlays.map((overlay) => ({ layers: kind, overlay, isUserXattr: false }))),
    ...(isTmpfs && version < 6.6
      ? []
      : overlays.map((overlay) => ({ layers: 'directory' as const, overlay, isUserXattr: true }))),
    { layers: 'directory', overlay: 'none', isUserXattr: false },
  ];
}

export function textOf({ layers, overlay, isUserXattr }: StoreForm): string {
  return overlay === 'none'
    ? 'a copy'
    : `${layers}, overlay by ${overlay}${isUserXattr ? ', userxattr' : ''}`;
}

/** 6.18 as 6.18, and 6.6 as 6.06: numbers compare as versions do. */
function kernelVersion(): number {
  const names = new Uint8Array(6 * 65);
  sys('uname', names);
  const [, major = '0', minor = '0'] = /^(\d+)\.(\d+)/.exec(utf8(names, 130, 195)) ?? [];
  return Number(major) + Number(minor) / 100;
}
