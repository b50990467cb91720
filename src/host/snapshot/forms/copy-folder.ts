/** In the container's directory, where the store's file system has no overlay. */
export const COPY_FOLDER = 'rootfs';
