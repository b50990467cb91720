const UNITS: readonly (readonly [name: string, seconds: number])[] = [
  ['year', 365 * 86400],
  ['month', 30 * 86400],
  ['week', 7 * 86400],
  ['day', 86400],
  ['hour', 3600],
  ['minute', 60],
];

/** How long ago a moment (RFC 3339) was, in words: `3 minutes ago`; N/A for a text that names none. */
export function agoText(time: string, now: number): string {
  return Number.isNaN(Date.parse(time)) ? 'N/A' : `${ageOf(time, now)} ago`;
}

/** The same without the last word. */
export function ageOf(time: string, now: number): string {
  const seconds = Math.max(0, Math.floor((now - Date.parse(time)) / 1000));
  if (seconds < 1) return 'Less than a second';
  // As Docker has it, a unit is used once there are two of it.
  const [name, size] = UNITS.find(([, each]) => seconds >= 2 * each) ?? ['second', 1];
  const count = Math.floor(seconds / size);
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}
