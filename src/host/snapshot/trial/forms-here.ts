import { sys } from '../../kernel/call.ts';
import { MAGIC } from '../../kernel/constants.ts';
import { fileSystemOf } from '../../kernel/stat.ts';
import { isInitialUserNamespace } from '../../kernel/user-namespace.ts';
import type { StoreForm } from '../forms/store-form.ts';

const COPY: StoreForm = { layers: 'directory', overlay: 'none', isUserXattr: false };
const EVERY_OVERLAY = ['descriptors', 'paths'] as const;

/**
 * The forms that the kernel's own history says work here, so that one that fails is a failure: layers by descriptor
 * since Linux 6.15, EROFS by file since 6.12, and never on tmpfs.
 */
export function formsHere(place: string): readonly StoreForm[] {
  if (!isInitialUserNamespace()) return [...EVERY_OVERLAY.filter(isOverlayHere).map(inUserNamespace), COPY];
  const version = kernelVersion();
  const overlays = EVERY_OVERLAY.filter(isOverlayHere);
  const isTmpfs = fileSystemOf(place) === MAGIC.TMPFS;
  const layers = (['erofs-file', 'erofs-loop', 'directory'] as const).filter(
    (kind) => kind !== 'erofs-file' || (version >= 6.12 && !isTmpfs),
  );
  return [
    ...layers.flatMap((kind) => overlays.map((overlay) => ({ layers: kind, overlay, isUserXattr: false }))),
    ...(isTmpfs && version < 6.06 ? [] : overlays.map(inUserNamespace)),
    COPY,
  ];
}

function isOverlayHere(overlay: (typeof EVERY_OVERLAY)[number]): boolean {
  return overlay === 'paths' || kernelVersion() >= 6.15;
}

function inUserNamespace(overlay: (typeof EVERY_OVERLAY)[number]): StoreForm {
  return { layers: 'directory', overlay, isUserXattr: true };
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
