import type { CheckedEvidence } from './checked-evidence.ts';

export interface DeliverOptions {
  /** 1 for the first: from the second on, what is there already is looked at before anything is sent. */
  readonly attempt: number;
  readonly signal: AbortSignal;
}

/** Evidence that the destination holds, picture and receipt, verified there. */
export interface Delivered {
  readonly container: string;
  readonly blob: string;
  /** Bytes that had to be sent; 0 when everything was there. */
  readonly sentBytes: number;
}

/**
 * Where evidence goes. Doing a delivery twice leaves the same result as doing it once.
 * Both methods throw ConfigError (the destination as a whole refuses until an operator acts), TransientError (try again),
 * RejectedError (it refuses this item), or the signal's reason when they were aborted.
 */
export interface Destination {
  /** Proves that the destination can be reached and used, and makes what is missing there. Cheap. */
  check(signal: AbortSignal): Promise<void>;
  /** Resolves once the destination has proven to hold the picture and its receipt. */
  deliver(evidence: CheckedEvidence, options: DeliverOptions): Promise<Delivered>;
}
