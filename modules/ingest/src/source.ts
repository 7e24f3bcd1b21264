import type { Event } from '@edgeveil/contracts';
import type { FileStore } from '@edgeveil/frame-store';
import type { Log } from '@edgeveil/module-kit';
import type { PictureLimits } from './describe-picture.ts';
import type { IngestMetrics } from './ingest-metrics.ts';
import type { PictureIntake } from './picture-intake.ts';
import type { StoreGate } from './store-gate.ts';
import type { TakenLedger } from './taken-ledger.ts';

/** Something that frames come from. */
export interface Source {
  /**
   * Takes frames in until the signal aborts, then finishes what is under way and resolves. What goes wrong with a picture or
   * a folder it deals with itself; a rejection is a bug.
   */
  run(signal: AbortSignal): Promise<void>;
}

/** What all sources share. Limits are asked for each frame, so that a new twin holds at once. */
export interface SourceParts {
  readonly sourcesDir: string;
  readonly store: FileStore;
  readonly intake: PictureIntake;
  readonly gate: StoreGate;
  readonly ledger: TakenLedger;
  readonly metrics: IngestMetrics;
  readonly limits: () => PictureLimits;
  readonly maxLiveFrames: () => number;
  /** Module id and life of this process, for claims. */
  readonly owner: string;
  readonly instance: string;
  readonly log: Log;
  readonly postEvent: (event: Event) => void;
  readonly report: (patch: Readonly<Record<string, unknown>>) => void;
  /** Shows that the source is alive; called at least once per poll or frame. */
  readonly beat: () => void;
  readonly clock: () => number;
}
