import type { Metrics } from '@edgeveil/module-kit';

/** Every figure that inference counts. */
export type InferenceMetrics = ReturnType<typeof inferenceMetrics>;

/** @param waitingFrames asked at each scrape for the frames in the store that have no detections */
export function inferenceMetrics(metrics: Metrics, waitingFrames: () => number) {
  return {
    inferred: metrics.counter({
      name: 'frames_inferred_total',
      help: 'Frames whose detections are in the detections store.',
      labelNames: ['source'],
    }),
    skipped: metrics.counter({
      name: 'frames_skipped_total',
      help: 'Frames that were gone, inferred already or in other hands when their turn came.',
      labelNames: ['reason'],
    }),
    dropped: metrics.counter({
      name: 'frames_dropped_total',
      help: 'Frames of live sources that had grown stale when their turn came.',
      labelNames: ['source', 'reason'],
    }),
    batchFrames: metrics.histogram({
      name: 'batch_frames',
      help: 'Frames in one run.',
      buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
    }),
    detections: metrics.counter({ name: 'detections_total', help: 'Things found.', labelNames: ['label'] }),
    crops: metrics.counter({
      name: 'cascade_crops_total',
      help: 'Crops that a stage looked at.',
      labelNames: ['stage'],
    }),
    cascadeFailures: metrics.counter({
      name: 'cascade_failures_total',
      help: 'Frames that went on without what a stage that is not required would have said.',
      labelNames: ['stage'],
    }),
    quarantined: metrics.counter({
      name: 'quarantined_total',
      help: 'Items set aside for good.',
      labelNames: ['reason'],
    }),
    runs: metrics.counter({ name: 'inference_runs_total', help: 'Batches run.', labelNames: ['outcome'] }),
    queueItems: metrics.gauge({
      name: 'queue_items',
      help: 'Items that wait.',
      labelNames: ['queue'],
      collect: (gauge) => gauge.set({ queue: 'frames' }, waitingFrames()),
    }),
    stageSeconds: metrics.histogram({
      name: 'stage_seconds',
      help: 'Time of one step of the work.',
      labelNames: ['stage'],
    }),
  };
}
