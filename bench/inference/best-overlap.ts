/**
 * Frames per second of the best possible overlap of decoding and running: every core busy all the time with one or the
 * other, and nothing else done at all. Both rates are measured with all cores at work, so what they cost each other in
 * caches and memory is in them: a frame then takes 1/decode + 1/run of the machine.
 */
export function bestOverlap(decodesPerSecond: number, runsPerSecond: number): number {
  return 1 / (1 / decodesPerSecond + 1 / runsPerSecond);
}
