import { isDeepStrictEqual } from 'node:util';
import { InternalError } from '@edgeveil/contracts';
import type { z } from 'zod';
import type { DesiredDocument } from '../hub/hub-client.ts';
import type { Log } from '../log.ts';
import { WakeUp } from '../wake-up.ts';
import { refusalErrors, schemaErrors, type TwinError } from './twin-errors.ts';
import type { TwinFile } from './twin-file.ts';

/** A document that its schema takes. */
export interface Candidate<Twin> {
  readonly document: DesiredDocument;
  readonly twin: Twin;
  readonly from: 'hub' | 'disk';
}

export interface TwinKeeperOptions<Twin> {
  readonly schema: z.ZodType<Twin>;
  readonly file: TwinFile;
  readonly log: Log;
  /** Reports the section `twin`; need not wait for the hub. */
  readonly report: (section: Readonly<Record<string, unknown>>) => void;
  /** Called with each twin that comes into force. */
  readonly onInForce: (candidate: Candidate<Twin>) => void;
}

/**
 * Decides which twin is in force. Documents are validated whole and applied one at a time; of several that wait only the
 * newest is looked at. A bad one changes nothing.
 */
export class TwinKeeper<Twin> {
  readonly #options: TwinKeeperOptions<Twin>;
  #waiting: DesiredDocument | undefined;
  #inForce: DesiredDocument | undefined;
  #refused: DesiredDocument | undefined;
  readonly #offered = new WakeUp();

  constructor(options: TwinKeeperOptions<Twin>) {
    this.#options = options;
  }

  /** Version of the document in force. */
  get version(): number | undefined {
    return this.#inForce?.version;
  }

  /** Takes a document from the hub. */
  offer(document: DesiredDocument): void {
    this.#waiting = document;
    this.#offered.wake();
  }

  /** The last good document on disk, if this schema still takes it. */
  async lastGood(): Promise<Candidate<Twin> | undefined> {
    const { file, log, schema } = this.#options;
    const document = await file.load();
    if (document === undefined) return undefined;
    const parsed = schema.safeParse(document.desired);
    if (parsed.success) return { document, twin: parsed.data, from: 'disk' };
    log.warn('last good twin no longer valid', { errors: schemaErrors(parsed.error, document.desired) });
    return undefined;
  }

  /** The next document of the hub that the schema takes; others are refused. Undefined when the signal aborts. */
  async next(signal: AbortSignal): Promise<Candidate<Twin> | undefined> {
    while (!signal.aborted) {
      const document = this.#waiting;
      this.#waiting = undefined;
      if (document === undefined) {
        await this.#offered.wait(signal);
        continue;
      }
      if (isDeepStrictEqual(document, this.#inForce)) continue;
      const parsed = this.#options.schema.safeParse(document.desired);
      if (parsed.success) return { document, twin: parsed.data, from: 'hub' };
      this.refuse(document, schemaErrors(parsed.error, document.desired));
    }
    return undefined;
  }

  /** The candidate is in force: reports and keeps it. */
  async accept(candidate: Candidate<Twin>): Promise<void> {
    const { document, from } = candidate;
    const { file, log, onInForce, report } = this.#options;
    this.#inForce = document;
    this.#refused = undefined;
    onInForce(candidate);
    if (from === 'hub') await file.save(document);
    log.info('twin applied', { version: document.version, from });
    report({ version: document.version, status: 'applied', errors: null });
  }

  /** Reports why a document is not taken. */
  refuse(document: DesiredDocument, errors: readonly TwinError[]): void {
    const { log, report } = this.#options;
    if (!isDeepStrictEqual(document, this.#refused)) {
      log.error('twin refused', { version: document.version, inForce: this.#inForce?.version, errors });
    }
    this.#refused = document;
    report({ version: document.version, status: 'refused', errors });
  }

  /** Applies what comes until the signal aborts. @throws InternalError that `apply` threw */
  async serve(apply: (twin: Twin) => Promise<void>, signal: AbortSignal): Promise<void> {
    for (let candidate = await this.next(signal); candidate !== undefined; candidate = await this.next(signal)) {
      const isSame = isDeepStrictEqual(candidate.document.desired, this.#inForce?.desired);
      try {
        if (!isSame) await apply(candidate.twin);
      } catch (error) {
        if (error instanceof InternalError) throw error;
        this.refuse(candidate.document, refusalErrors(error));
        continue;
      }
      await this.accept(candidate);
    }
  }
}
