/** The network of whoever asks for none. */
export const DEFAULT_NETWORK = 'bridge';
