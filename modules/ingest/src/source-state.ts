import type { Event } from '@edgeveil/contracts';
import type { Log } from '@edgeveil/module-kit';

export interface SourceStateOptions {
  readonly source: string;
  readonly log: Log;
  readonly postEvent: (event: Event) => void;
  readonly report: (patch: Readonly<Record<string, unknown>>) => void;
  readonly clock: () => number;
}

/** Whether a source's folder can be read. Logs, reports and sends an event when that changes, not at each attempt. */
export class SourceState {
  readonly #options: SourceStateOptions;
  #error: string | undefined;
  #isKnown = false;

  constructor(options: SourceStateOptions) {
    this.#options = options;
  }

  readable(): void {
    if (this.#isKnown && this.#error === undefined) {
      return;
    }
    if (this.#error === undefined) {
      this.#options.log.info('source is readable');
    } else {
      this.#options.log.info('source is readable again');
      this.#postEvent('SOURCE_READABLE', 'info', 'its folder can be read again');
    }
    this.#isKnown = true;
    this.#error = undefined;
    this.#options.report({ sources: { [this.#options.source]: { state: 'readable', error: null } } });
  }

  unreadable(error: Error): void {
    if (this.#error === error.message) {
      return;
    }
    const isNews = this.#error === undefined;
    this.#isKnown = true;
    this.#error = error.message;
    this.#options.log.warn('source cannot be read, retrying', { error });
    if (isNews) {
      this.#postEvent('SOURCE_UNREADABLE', 'warn', 'its folder cannot be read');
    }
    this.#options.report({ sources: { [this.#options.source]: { state: 'unreadable', error: error.message } } });
  }

  #postEvent(code: string, level: Event['level'], what: string): void {
    const { source, clock, postEvent } = this.#options;
    const details = { source, ...(this.#error === undefined ? {} : { error: this.#error }) };
    const at = new Date(clock()).toISOString();
    postEvent({ code, level, message: `source ${source}: ${what}`, at, details });
  }
}
