import { type EdgeveilError, RejectedError, TransientError } from '@edgeveil/contracts';
import { type RetryConfig, retryDelayMs } from './retry-delay.ts';

/**
 * What is known of the destination as a whole.
 * `unproven`: nothing tried yet. `trial`: it answered, one delivery may show that it works. `reachable`: deliveries arrive.
 * `away`: it cannot be reached or takes nothing for now. `refused`: an operator must act.
 */
export type DestinationState = 'unproven' | 'trial' | 'reachable' | 'away' | 'refused';

export interface CircuitChange {
  readonly state: 'reachable' | 'away' | 'refused';
  readonly error: EdgeveilError | undefined;
  /** How long it had been away or refused. */
  readonly downMs: number;
}

export interface CircuitOptions {
  readonly retry: RetryConfig;
  readonly now: () => number;
  readonly random: () => number;
  /** Called when the state changes for someone who watches: not at each attempt. */
  readonly onChange: (change: CircuitChange) => void;
}

/** Failures in a row, over all items, that tell a destination that is away from an item that does not get through. */
const FAILURES_TO_OPEN = 3;

/** Decides whether deliveries may be tried at all. Cloud away: one careful try at a time instead of one for each item. */
export class Circuit {
  readonly #options: CircuitOptions;
  #retry: RetryConfig;
  #state: DestinationState = 'unproven';
  #told: CircuitChange['state'] | undefined;
  #toldCode: string | undefined;
  #error: EdgeveilError | undefined;
  #failures = 0;
  #downSince: number | undefined;
  #retryAt = 0;

  constructor(options: CircuitOptions) {
    this.#options = options;
    this.#retry = options.retry;
  }

  get state(): DestinationState {
    return this.#state;
  }

  /** Why it is away or refused. */
  get error(): EdgeveilError | undefined {
    return this.#error;
  }

  /** When the next try is due, while it is away or refused. */
  get retryAt(): number | undefined {
    return this.#isDown() ? this.#retryAt : undefined;
  }

  apply(retry: RetryConfig): void {
    this.#retry = retry;
  }

  /** How many deliveries may be under way. */
  slots(concurrency: number): number {
    if (this.#state === 'reachable') return concurrency;
    return this.#state === 'trial' ? 1 : 0;
  }

  /** Whether the destination is to be checked before anything is delivered. */
  isCheckDue(): boolean {
    return this.#state === 'unproven' || (this.#isDown() && this.#options.now() >= this.#retryAt);
  }

  /** The next check is due at once: a new twin, or an operator who knows that the line is back. */
  retryNow(): void {
    this.#retryAt = 0;
  }

  /** Nothing is known any more: another destination. */
  reset(): void {
    this.#state = 'unproven';
    this.#failures = 0;
    this.#error = undefined;
    this.#told = undefined;
  }

  /** The destination answered a check. With nothing to deliver that is proof enough. */
  checked({ hasItems }: { readonly hasItems: boolean }): void {
    if (hasItems) this.#state = 'trial';
    else this.delivered();
  }

  delivered(): void {
    const downMs = this.#downSince === undefined ? 0 : this.#options.now() - this.#downSince;
    this.#state = 'reachable';
    this.#failures = 0;
    this.#error = undefined;
    this.#downSince = undefined;
    this.#tell({ state: 'reachable', error: undefined, downMs });
  }

  /** A check or a delivery failed. */
  failed(error: EdgeveilError): void {
    const now = this.#options.now();
    const waitMs = error instanceof TransientError ? error.retryAfterMs : undefined;
    if (this.#isDown() && now < this.#retryAt) {
      // Deliveries that were under way when it went away: they tell nothing new
      this.#retryAt = Math.max(this.#retryAt, now + (waitMs ?? 0));
      return;
    }
    this.#failures += 1;
    if (!this.#isCertain(error) && this.#failures < FAILURES_TO_OPEN) return;
    // When item after item is refused, it is not the items' fault
    const state = error instanceof TransientError ? 'away' : 'refused';
    const delayMs =
      state === 'refused' ? this.#retry.maxDelayMs : retryDelayMs(this.#failures, this.#retry, this.#options.random);
    this.#state = state;
    this.#error = error;
    this.#downSince ??= now;
    this.#retryAt = now + Math.max(delayMs, waitMs ?? 0);
    this.#tell({ state, error, downMs: now - this.#downSince });
  }

  /** Whether one failure is enough to know that it is the destination's, and not the item's that failed. */
  #isCertain(error: EdgeveilError): boolean {
    if (error instanceof TransientError && error.retryAfterMs !== undefined) return true;
    return this.#state !== 'reachable' && !(error instanceof RejectedError);
  }

  #isDown(): boolean {
    return this.#state === 'away' || this.#state === 'refused';
  }

  #tell(change: CircuitChange): void {
    const code = change.error?.code;
    if (change.state === this.#told && code === this.#toldCode) return;
    this.#told = change.state;
    this.#toldCode = code;
    this.#options.onChange(change);
  }
}
