/** What the Node program tells of images, on the socket whose descriptor EVENTS_VARIABLE names. */
export const IMAGE_ACTIONS = ['pull', 'push', 'load', 'save', 'import'] as const;

export interface ImageEvent {
  readonly action: (typeof IMAGE_ACTIONS)[number];
  readonly id: string;
  readonly name: string;
}

export const EVENTS_VARIABLE = 'CORTEN_EVENTS';
