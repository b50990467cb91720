/** Bytes of one layer, inflated or not; a bomb ends here if the disk doesn't end it before. */
export const MAX_LAYER = 128 * 2 ** 30;

/** Bytes of a name or link in an archive of images: the kernel takes no longer path either (PATH_MAX). */
export const MAX_NAME = 4096;
