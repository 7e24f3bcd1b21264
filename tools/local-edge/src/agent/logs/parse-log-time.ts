const unitMs: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  M: 2_630_016_000,
  y: 31_557_600_000,
};

const spellings: readonly (readonly [unit: string, pattern: RegExp])[] = [
  ['s', /^(?:s|secs?|seconds?)$/],
  ['m', /^(?:m|mins?|minutes?)$/],
  ['h', /^(?:h|hrs?|hours?)$/],
  ['d', /^(?:d|days?)$/],
  ['w', /^(?:w|weeks?)$/],
  ['M', /^(?:M|months?)$/],
  ['y', /^(?:y|years?)$/],
];

const duration = /^(?:\s*\d+\s*[a-zA-Z]+\s*)+$/;

/**
 * A point in time as the log requests take it: RFC 3339, Unix seconds, or how long ago (`1d`, `2h`, `10 minutes`, `1h 30m`). `undefined` when it
 * is none of them.
 */
export function parseLogTime(value: string | number, now: Date): Date | undefined {
  const text = String(value).trim();
  if (/^\d+$/.test(text)) return new Date(Number(text) * 1000);
  if (duration.test(text)) return ago(text, now);
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return undefined;
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

function ago(text: string, now: Date): Date | undefined {
  let total = 0;
  for (const [, count, word = ''] of text.matchAll(/(\d+)\s*([a-zA-Z]+)/g)) {
    // As it stands first: `M` is a month and `m` a minute.
    const found =
      spellings.find(([, pattern]) => pattern.test(word)) ??
      spellings.find(([, pattern]) => pattern.test(word.toLowerCase()));
    const unit = found?.[0];
    if (unit === undefined) return undefined;
    total += Number(count) * (unitMs[unit] ?? 0);
  }
  return new Date(now.getTime() - total);
}
