import { type CascadeDetection, ConfigError, type FrameDetections, TransientError } from '@edgeveil/contracts';
import { type Log, pause, retryDelays } from '@edgeveil/module-kit';
import type { FrameFiles } from './frame-files/frame-files.ts';

const RETRY_DELAYS = { firstMs: 500, maxMs: 30_000 };

export interface DetectionsWriterOptions {
  readonly files: Pick<FrameFiles, 'put'>;
  readonly log: Log;
  /** Aborted when stopping starts: what waits for room on the disk is given up; its frame waits in the store. */
  readonly signal: AbortSignal;
  /** Waits between two tries; 0.5 s to 30 s when not given. */
  readonly delaysMs?: () => Iterable<number>;
}

/** Puts detections into their store, which gives their frames back, and waits while that has no room. */
export class DetectionsWriter {
  readonly #options: DetectionsWriterOptions;

  constructor(options: DetectionsWriterOptions) {
    this.#options = options;
  }

  /** Tries until there is room. False when stopping came first; then the frame is still claimed. @throws what is a bug */
  async put(result: FrameDetections): Promise<boolean> {
    const { files, signal, log, delaysMs } = this.#options;
    const { id } = result.frame;
    let isWaiting = false;
    for (const delayMs of delaysMs?.() ?? retryDelays(RETRY_DELAYS)) {
      try {
        await files.put(result);
        return true;
      } catch (error) {
        if (!(error instanceof TransientError || error instanceof ConfigError)) {
          throw error;
        }
        if (!isWaiting) {
          log.warn('detections cannot be stored, frame waits', { id, error });
        }
        isWaiting = true;
        if (!(await pause(delayMs, signal))) {
          return false;
        }
      }
    }
    return false;
  }
}

/** Hundredths of a pixel and ten-thousandths of a score: more digits only make messages longer. */
export function rounded({ score, box: [x, y, width, height], ...rest }: CascadeDetection): CascadeDetection {
  const hundredths = (value: number): number => Math.round(value * 100) / 100;
  const tenThousandths = (value: number): number => Math.round(value * 10_000) / 10_000;
  const { attributes } = rest;
  return {
    ...rest,
    score: tenThousandths(score),
    box: [hundredths(x), hundredths(y), hundredths(width), hundredths(height)],
    ...(attributes && { attributes: attributes.map((each) => ({ ...each, score: tenThousandths(each.score) })) }),
  };
}
