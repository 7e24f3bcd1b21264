/** What an operator sees of the spool in the reported properties. */
export interface SpoolStatus {
  readonly items: number;
  readonly bytes: number;
  /** Capture time of the oldest item; null removes the property. */
  readonly oldest: string | null;
}

export interface SpoolReportOptions {
  readonly status: () => SpoolStatus;
  readonly isReachable: () => boolean;
  readonly report: (status: SpoolStatus) => void;
  readonly now: () => number;
}

/** While something is wrong, or much is waiting. */
const BUSY_INTERVAL_MS = 30_000;
/** While all is well. Twin updates count against the hub's daily quota, and a spool of three items is no news. */
const QUIET_INTERVAL_MS = 900_000;
const MANY_ITEMS = 100;

/** Decides when the state of the spool is worth a report. To be asked about every 30 s. */
export class SpoolReport {
  readonly #options: SpoolReportOptions;
  #reported: string | undefined;
  #reportedAt = Number.NEGATIVE_INFINITY;

  constructor(options: SpoolReportOptions) {
    this.#options = options;
  }

  static readonly intervalMs = BUSY_INTERVAL_MS;

  reportIfDue(): void {
    const { status, isReachable, report, now } = this.#options;
    const current = status();
    const isQuiet = isReachable() && current.items < MANY_ITEMS;
    const text = JSON.stringify(current);
    if (text === this.#reported || now() - this.#reportedAt < (isQuiet ? QUIET_INTERVAL_MS : BUSY_INTERVAL_MS)) return;
    this.#reported = text;
    this.#reportedAt = now();
    report(current);
  }
}
