import type { Detector, PreparedPicture } from '../detector.ts';
import type { RunResult } from '../session/session-protocol.ts';

/**
 * Runs any number of pictures, in batches of the model's size: a batch must end within the time that a run has, and hold no more memory
 * than one does. Pictures are prepared while the batch before runs. Those that were prepared are released, also when it fails.
 */
export async function runInSlices<Picture>(
  detector: Detector,
  pictures: readonly Picture[],
  prepare: (picture: Picture) => Promise<PreparedPicture>,
): Promise<RunResult> {
  const size = detector.batchSize;
  const total = emptyResult();
  let next = prepareAll(pictures.slice(0, size), prepare);
  for (let start = 0; start < pictures.length; start += size) {
    const running = detector.run(await next);
    next = prepareAll(pictures.slice(start + size, start + 2 * size), prepare);
    // Both must be settled before one of them is reported: nobody else would see the other fail.
    const [result] = await Promise.allSettled([running, next]);
    if (result.status === 'rejected') {
      await next.then(releaseAll, () => undefined);
      throw result.reason;
    }
    add(total, result.value);
  }
  await next;
  return total;
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

type Total = { -readonly [Key in keyof RunResult]-?: RunResult[Key] };

function emptyResult(): Required<RunResult> {
  return { detections: [], embeddings: [], timings: { fillMs: 0, runMs: 0, decodeMs: 0 } };
}

function add(total: Total, { detections, embeddings = [], timings }: RunResult): void {
  total.detections.push(...detections);
  total.embeddings?.push(...embeddings);
  total.timings = {
    fillMs: total.timings.fillMs + timings.fillMs,
    runMs: total.timings.runMs + timings.runMs,
    decodeMs: total.timings.decodeMs + timings.decodeMs,
  };
}
