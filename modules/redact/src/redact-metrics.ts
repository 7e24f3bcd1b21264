import type { Metrics } from '@edgeveil/module-kit';

/** Every figure that redact counts. */
export type RedactMetrics = ReturnType<typeof redactMetrics>;

/** @param waitingItems asked at each scrape for the items in the detections store */
export function redactMetrics(metrics: Metrics, waitingItems: () => number) {
  return {
    redacted: metrics.counter({
      name: 'frames_redacted_total',
      help: 'Frames whose evidence is in the evidence store.',
      labelNames: ['source'],
    }),
    dropped: metrics.counter({
      name: 'frames_dropped_total',
      help: 'Frames that ended without evidence, as configured.',
      labelNames: ['source', 'reason'],
    }),
    quarantined: metrics.counter({
      name: 'quarantined_total',
      help: 'Items set aside for good.',
      labelNames: ['reason'],
    }),
    orphaned: metrics.counter({
      name: 'detections_orphaned_total',
      help: 'Detections whose frame was gone.',
      labelNames: ['source'],
    }),
    reinferred: metrics.counter({
      name: 'detections_returned_total',
      help: 'Detections given back to inference to be made again.',
      labelNames: ['reason'],
    }),
    masks: metrics.counter({ name: 'masks_total', help: 'Areas masked.', labelNames: ['label'] }),
    queueItems: metrics.gauge({
      name: 'queue_items',
      help: 'Items that wait.',
      labelNames: ['queue'],
      collect: (gauge) => gauge.set({ queue: 'detections' }, waitingItems()),
    }),
    stageSeconds: metrics.histogram({
      name: 'stage_seconds',
      help: 'Time of one step of the work.',
      labelNames: ['stage'],
    }),
  };
}
