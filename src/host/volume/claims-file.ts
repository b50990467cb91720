/** In a container's directory: the volumes that it has. */
export const CLAIMS_FILE = 'volumes';
