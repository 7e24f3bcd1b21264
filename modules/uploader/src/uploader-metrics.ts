import type { Metrics } from '@edgeveil/module-kit';

/** Every figure that the uploader counts. */
export type UploaderMetrics = ReturnType<typeof uploaderMetrics>;

export function uploaderMetrics(metrics: Metrics) {
  return {
    spooled: metrics.counter({ name: 'evidence_spooled_total', help: 'Evidence taken into the spool.' }),
    uploaded: metrics.counter({ name: 'evidence_uploaded_total', help: 'Evidence that the cloud verifiably has.' }),
    uploadedBytes: metrics.counter({ name: 'upload_bytes_total', help: 'Bytes sent for evidence that has arrived.' }),
    attempts: metrics.counter({ name: 'upload_attempts_total', help: 'Deliveries begun.' }),
    failures: metrics.counter({ name: 'upload_failures_total', help: 'Deliveries that failed.', labelNames: ['code'] }),
    quarantined: metrics.counter({
      name: 'quarantined_total',
      help: 'Items set aside for good.',
      labelNames: ['reason'],
    }),
    stageSeconds: metrics.histogram({
      name: 'stage_seconds',
      help: 'Time of one step of the work.',
      labelNames: ['stage'],
    }),
  };
}

export interface UploaderGauges {
  readonly spoolUsage: () => { readonly items: number; readonly bytes: number };
  readonly isReachable: () => boolean;
}

/** Figures that are read when somebody scrapes them. */
export function defineUploaderGauges(metrics: Metrics, { spoolUsage, isReachable }: UploaderGauges): void {
  metrics.gauge({
    name: 'queue_items',
    help: 'Items that wait.',
    labelNames: ['queue'],
    collect: (gauge) => gauge.set({ queue: 'spool' }, spoolUsage().items),
  });
  metrics.gauge({
    name: 'spool_bytes',
    help: 'Bytes that wait in the spool.',
    collect: (gauge) => gauge.set(spoolUsage().bytes),
  });
  metrics.gauge({
    name: 'cloud_reachable',
    help: '1 while deliveries arrive, else 0.',
    collect: (gauge) => gauge.set(isReachable() ? 1 : 0),
  });
}
