export interface RetryConfig {
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
}

/**
 * How long to wait after the n-th failure in a row (1 for the first): doubles up to the cap, and a random half of it is taken
 * off, so that many boxes that lost the same line do not come back in step. `random` gives 0 to 1.
 */
export function retryDelayMs(
  failures: number,
  { firstDelayMs, maxDelayMs }: RetryConfig,
  random: () => number,
): number {
  const full = Math.min(firstDelayMs * 2 ** Math.min(failures - 1, 30), maxDelayMs);
  return Math.round(full * (0.5 + random() / 2));
}
