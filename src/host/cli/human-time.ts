const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** How long ago a moment (RFC 3339) was, in words: `3 minutes ago`; N/A for a text that names none. */
export function agoText(time: string, now: number): string {
  return Number.isNaN(Date.parse(time)) ? 'N/A' : `${ageOf(time, now)} ago`;
}

/** The same without the last word, in the steps and with the roundings that docker's tables have. */
export function ageOf(time: string, now: number): string {
  const seconds = Math.max(0, Math.floor((now - Date.parse(time)) / 1000));
  if (seconds < 1) return 'Less than a second';
  if (seconds < MINUTE) return seconds === 1 ? '1 second' : `${seconds} seconds`;
  const minutes = Math.floor(seconds / MINUTE);
  if (minutes < 60) return minutes === 1 ? 'About a minute' : `${minutes} minutes`;
  const hours = Math.floor(seconds / HOUR + 0.5);
  if (hours < 48) return hours === 1 ? 'About an hour' : `${hours} hours`;
  const days = Math.floor(hours / 24);
  if (days < 14) return `${days} days`;
  if (days < 60) return `${Math.floor(days / 7)} weeks`;
  return days < 730 ? `${Math.floor(days / 30)} months` : `${Math.floor(days / 365)} years`;
}
