/** In a store whose layers are directories: one for each, named as its EROFS file. */
export const TREES_FOLDER = 'trees';
