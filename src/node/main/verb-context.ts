/** What every verb of the Node program gets. */
export interface VerbContext {
  /** The store. */
  readonly root: string;
  /** Fires when a signal ends the program. */
  readonly signal: AbortSignal;
}
