import { patchVersion, withoutDollarKeys } from '../hub/desired-document.ts';
import type { DesiredDocument, HubClient } from '../hub/hub-client.ts';
import type { Log } from '../log.ts';
import { pause } from '../pause.ts';
import { retryDelays } from '../retry-delays.ts';
import { WakeUp } from '../wake-up.ts';
import { mergePatch } from './merge-patch.ts';

export interface TwinReaderOptions {
  readonly log: Log;
  /** Called with each whole document, in order; the same one may come again. */
  readonly onDocument: (document: DesiredDocument) => void;
}

/**
 * Knows the desired properties: reads them whole at each new connection, because a patch may have been missed in between, and
 * merges a patch that follows on what is known. Any other patch (a gap, an unknown version, one that came during a read) only
 * says that the whole is to be read again.
 */
export class TwinReader {
  readonly #options: TwinReaderOptions;
  #known: DesiredDocument | undefined;
  #isReading = false;
  #newestSeen = 0;
  readonly #unread = new WakeUp();

  constructor(options: TwinReaderOptions) {
    this.#options = options;
  }

  patch(patch: Readonly<Record<string, unknown>>): void {
    const version = patchVersion(patch);
    const known = this.#known;
    if (!this.#isReading && known !== undefined && version === known.version + 1) {
      this.#take({ version, desired: mergePatch(known.desired, withoutDollarKeys(patch)) });
      return;
    }
    this.#newestSeen = Math.max(this.#newestSeen, version ?? Number.POSITIVE_INFINITY);
    this.#unread.wake();
  }

  /** Serves one connection until the signal aborts; never rejects. */
  async serve(client: Pick<HubClient, 'readDesired'>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#read(client, signal);
      await this.#unread.wait(signal);
    }
  }

  /** Reads until it has a document at least as new as the newest patch seen. */
  async #read(client: Pick<HubClient, 'readDesired'>, signal: AbortSignal): Promise<void> {
    this.#isReading = true;
    let hasFailed = false;
    for (const delayMs of retryDelays({ firstMs: 250, maxMs: 30_000 })) {
      const newestBefore = this.#newestSeen;
      try {
        const document = await client.readDesired();
        if (signal.aborted) break;
        // A patch without a version cannot be waited for: one read after it is all that can be done.
        if (this.#newestSeen === Number.POSITIVE_INFINITY && newestBefore === this.#newestSeen) this.#newestSeen = 0;
        if (document.version >= this.#newestSeen) {
          this.#take(document);
          break;
        }
      } catch (error) {
        if (signal.aborted) break;
        if (!hasFailed) this.#options.log.warn('twin not read', { error });
        hasFailed = true;
      }
      if (!(await pause(delayMs, signal))) break;
    }
    this.#newestSeen = 0;
    this.#unread.clear();
    this.#isReading = false;
  }

  #take(document: DesiredDocument): void {
    this.#known = document;
    this.#options.onDocument(document);
  }
}
