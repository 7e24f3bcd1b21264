import { compareOutputs } from './compare-outputs.ts';
import type { LoadedGraph } from './loaded-graph.ts';
import { noisePictures } from './noise-pictures.ts';
import type { PictureInputReport } from './session-protocol.ts';

/** Runs of each that are timed; the fastest counts, because whatever else the machine does only adds. */
const TIMED_RUNS = 4;
/** No more timed runs after this long. */
const MAX_TIMED_MS = 2000;
/** As fast is fast enough: the graph's way needs less memory, and less of it crosses to a device. */
const WITHIN_NOISE = 1.1;
/** How far outputs may be apart, as a share of the largest value: the arithmetic is the same, but for half precision. */
const TOLERANCE = { float: 1e-4, half: 5e-3 } as const;

export interface GraphChoice {
  readonly chosen: LoadedGraph;
  readonly report: PictureInputReport;
}

/**
 * Runs a model as it is, its input filled number by number, beside the same model that takes bytes, and chooses the latter if
 * it gives the same and is not slower.
 */
export async function chooseGraph(filled: LoadedGraph, pixels: LoadedGraph, batch: number): Promise<GraphChoice> {
  const pictures = noisePictures(batch, pixels.ports.input);
  const expected = await filled.run(pictures, batch);
  const { maxError, worst } = compareOutputs(expected, await pixels.run(pictures, batch));
  const isHalf = filled.ports.input.type === 'float16';
  if (!(maxError <= (isHalf ? TOLERANCE.half : TOLERANCE.float))) {
    return { chosen: filled, report: { by: 'fill', maxError, worst } };
  }
  const startedAt = performance.now();
  let [fillMs, graphMs] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let run = 0; run < TIMED_RUNS && performance.now() - startedAt < MAX_TIMED_MS; run += 1) {
    fillMs = Math.min(fillMs, await timed(() => filled.run(pictures, batch)));
    graphMs = Math.min(graphMs, await timed(() => pixels.run(pictures, batch)));
  }
  const isFaster = graphMs <= fillMs * WITHIN_NOISE;
  return {
    chosen: isFaster ? pixels : filled,
    report: { by: isFaster ? 'graph' : 'fill', fillMs, graphMs, maxError },
  };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
