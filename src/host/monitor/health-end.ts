/** How a process ends that checked a container's health: for its monitor, which sees the code alone. */
export const HEALTH_END = {
  CHECKED: 0,
  /** The container still counts as starting. */
  STARTING: 1,
  /** There is nothing to check any more. */
  NEVER: 2,
} as const;
