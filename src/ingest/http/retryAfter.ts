/**
 * How long a service wants to be left alone, in milliseconds: `Retry-After` in seconds or as a date, which counts from
 * the service's own clock where it says what that is. 0 where it says nothing that can be read.
 */
export function retryAfterMs(headers: Readonly<Record<string, string>>): number {
  const value = headers['retry-after']?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1000;
  const until = Date.parse(value);
  if (Number.isNaN(until)) return 0;
  const theirNow = Date.parse(headers['date'] ?? '');
  return Math.max(0, until - (Number.isNaN(theirNow) ? Date.now() : theirNow));
}
