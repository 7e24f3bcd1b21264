import type { Frame, Guarantee, RejectedError } from '@edgeveil/contracts';
import type { FileStore, ForeignContent } from '@edgeveil/frame-store';
import type { Log } from '@edgeveil/module-kit';
import { describePicture, type PictureFacts, type PictureLimits } from './describe-picture.ts';
import type { IngestMetrics } from './ingest-metrics.ts';

/** A picture on its way in. */
export interface Capture {
  readonly source: string;
  readonly guarantee: Guarantee;
  readonly capturedAtMs: number;
  readonly bytes: Buffer;
  readonly name: string;
  /** Makes the id once the content is known. */
  readonly idOf: (contentSha256: string) => string;
}

export interface PictureIntakeOptions {
  readonly store: FileStore;
  /** Tells the next stage; never waits. */
  readonly postFrame: (frame: Frame) => void;
  readonly metrics: IngestMetrics;
  readonly limits: () => PictureLimits;
}

const MAX_NAME_LENGTH = 1024;

/** The one way of a picture into the frame store, or into its quarantine. */
export class PictureIntake {
  readonly #options: PictureIntakeOptions;

  constructor(options: PictureIntakeOptions) {
    this.#options = options;
  }

  /**
   * Checks the picture by its header, puts it and announces it. When this resolves a guaranteed frame is on disk. A frame
   * that was there already is announced again: the process may have died before it was the first time.
   * Throws RejectedError for a picture that can never be taken, TransientError when the store cannot take it now.
   */
  async take(capture: Capture): Promise<Frame> {
    const { store, postFrame, metrics, limits } = this.#options;
    const facts = await metrics.timed('probe', () => describePicture(capture.bytes, limits()));
    const frame = frameOf(capture, facts);
    const durable = capture.guarantee === 'guaranteed';
    const put = await metrics.timed('store_put', () =>
      store.put({ id: frame.id, meta: frame, payload: capture.bytes }, { durable }),
    );
    if (put === 'stored') {
      metrics.frameTaken(capture.source);
    }
    postFrame(frame);
    return frame;
  }

  /** Sets aside what `take` rejected. When this resolves it is on disk, sealed, with its reason. */
  async reject(
    rejected: { readonly id: string; readonly source: string; readonly name: string; readonly content: ForeignContent },
    error: RejectedError,
    log: Log,
  ): Promise<void> {
    const { id, source, name, content } = rejected;
    const reason = { code: error.code, message: error.message, details: { ...error.details, source, name } };
    await this.#options.store.quarantineForeign({ id, meta: { source, name }, content }, reason);
    this.#options.metrics.quarantined(error.code);
    log.warn('picture set aside', { id, name, error });
  }
}

function frameOf(capture: Capture, facts: PictureFacts): Frame {
  const { source, guarantee, capturedAtMs, name } = capture;
  return {
    id: capture.idOf(facts.sha256),
    source,
    guarantee,
    capturedAt: timestamp(capturedAtMs),
    ...facts,
    name: name.slice(-MAX_NAME_LENGTH),
  };
}

/** Files carry any time; the message format knows the years 0 to 9999. */
function timestamp(ms: number): string {
  return new Date(Math.min(Math.max(ms, 0), 253_402_300_799_999)).toISOString();
}
