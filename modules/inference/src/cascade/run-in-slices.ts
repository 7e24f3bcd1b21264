import type { Detector, PreparedPicture } from '../detector.ts';
import type { RunResult } from '../session/session-protocol.ts';

/**
 * Runs any number of pictures, in batches of the model's size: a batch must end within the time that a run has, and hold no more memory
 * than one does. All sessions have one to run, and one more is prepared meanwhile. Those that were prepared are released, also when it fails.
 */
export async function runInSlices<Picture>(
  detector: Detector,
  pictures: readonly Picture[],
  prepare: (picture: Picture) => Promise<PreparedPicture>,
): Promise<RunResult> {
  const size = detector.batchSize;
  const slices = Array.from({ length: Math.ceil(pictures.length / size) }, (_, index) =>
    pictures.slice(index * size, (index + 1) * size),
  );
  const results: RunResult[] = [];
  let next = 0;
  const runSome = async (): Promise<void> => {
    for (let index = next; index < slices.length; index = next) {
      next += 1;
      try {
        results[index] = await detector.run(await prepareAll(slices[index] ?? [], prepare));
      } catch (error) {
        // The others end what they have in hand.
        next = slices.length;
        throw error;
      }
    }
  };
  // All must be settled before one of them is reported: nobody else would see the others fail.
  const settled = await Promise.allSettled(Array.from({ length: detector.sessions + 1 }, runSome));
  const failed = settled.find((each) => each.status === 'rejected');
  if (failed !== undefined) {
    throw failed.reason;
  }
  return results.reduce(joined, { detections: [], embeddings: [], timings: { fillMs: 0, runMs: 0, decodeMs: 0 } });
}

/** Prepares side by side. When one fails the others are released. */
export async function prepareAll<Picture, Prepared extends { release(): void }>(
  pictures: readonly Picture[],
  prepare: (picture: Picture) => Promise<Prepared>,
): Promise<Prepared[]> {
  const results = await Promise.allSettled(pictures.map(prepare));
  const prepared = results.filter((result) => result.status === 'fulfilled').map(({ value }) => value);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) {
    releaseAll(prepared);
    throw failed.reason;
  }
  return prepared;
}

export function releaseAll(pictures: readonly { release(): void }[]): void {
  for (const picture of pictures) {
    picture.release();
  }
}

function joined(total: RunResult, { detections, embeddings = [], timings }: RunResult): RunResult {
  return {
    detections: [...total.detections, ...detections],
    embeddings: [...(total.embeddings ?? []), ...embeddings],
    timings: {
      fillMs: total.timings.fillMs + timings.fillMs,
      runMs: total.timings.runMs + timings.runMs,
      decodeMs: total.timings.decodeMs + timings.decodeMs,
    },
  };
}
