export interface RetryDelayOptions {
  readonly firstMs: number;
  readonly maxMs: number;
  /** Share of a delay that is left to chance, 0 to 1: of 0.5, a delay of 1000 ms becomes 500 to 1000 ms. */
  readonly jitter?: number;
  readonly random?: () => number;
}

/** Endless delays in ms: each twice the one before, up to `maxMs`, less jitter, so that many clients do not come back in step. */
export function* retryDelays({
  firstMs,
  maxMs,
  jitter = 0.5,
  random = Math.random,
}: RetryDelayOptions): Generator<number, never, void> {
  let delayMs = Math.min(firstMs, maxMs);
  while (true) {
    yield delayMs * (1 - jitter * random());
    delayMs = Math.min(delayMs * 2, maxMs);
  }
}
