import type { Metrics } from '@edgeveil/module-kit';

/** Why a frame of a live source was let go. */
export type DropReason = 'stale' | 'store-full' | 'unreadable';

/** What ingest counts. */
export interface IngestMetrics {
  frameTaken(source: string): void;
  frameDropped(source: string, reason: DropReason): void;
  quarantined(reason: string): void;
  /** Runs `action` and notes how long it took. */
  timed<T>(stage: 'probe' | 'store_put', action: () => Promise<T>): Promise<T>;
}

export function createIngestMetrics(
  metrics: Metrics,
  usage: () => { readonly items: number; readonly bytes: number },
): IngestMetrics {
  const taken = metrics.counter({
    name: 'frames_in_total',
    help: 'Frames taken into the frame store',
    labelNames: ['source'],
  });
  const dropped = metrics.counter({
    name: 'frames_dropped_total',
    help: 'Frames of live sources that were let go',
    labelNames: ['source', 'reason'],
  });
  const quarantined = metrics.counter({
    name: 'quarantined_total',
    help: 'Items set aside for good, by the code of their reason',
    labelNames: ['reason'],
  });
  const stages = metrics.histogram({
    name: 'stage_seconds',
    help: 'Time that one frame spends in a stage',
    labelNames: ['stage'],
  });
  metrics.gauge({
    // Not queue_items: inference counts the frames that wait for it, and the two would be added up.
    name: 'store_items',
    help: 'Items in a store, at whatever stage',
    labelNames: ['store'],
    collect: (gauge) => gauge.set({ store: 'frames' }, usage().items),
  });
  metrics.gauge({
    name: 'store_bytes',
    help: 'Bytes on disk of the items in a store',
    labelNames: ['store'],
    collect: (gauge) => gauge.set({ store: 'frames' }, usage().bytes),
  });
  return {
    frameTaken: (source) => taken.inc({ source }),
    frameDropped: (source, reason) => dropped.inc({ source, reason }),
    quarantined: (reason) => quarantined.inc({ reason }),
    timed: async (stage, action) => {
      const end = stages.startTimer({ stage });
      try {
        return await action();
      } finally {
        end();
      }
    },
  };
}
