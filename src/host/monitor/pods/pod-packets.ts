/** What a pod's monitor knows beside STOP, on a socket like that of a container's monitor (packets.ts). */
export const POD_PACKET = {
  /** Client: is one of its containers, and wants what the pod shares; JSON of names. Monitor: a packet each, with it or without. */
  JOIN: 0x4a,
} as const;
