import type { FrameDetections } from '@edgeveil/contracts';
import type { QuarantineReason, StoreItem } from '@edgeveil/frame-store';
import type { QueuedFrame } from '../frame-queue.ts';

/** How a claim ended. Of a frame that is not claimed nothing has changed. */
export type Claimed =
  | { readonly outcome: 'claimed' /** As `Lease.attempt` of the store. */; readonly attempt: number }
  /** It has made way for a newer one, or another process has it. */
  | { readonly outcome: 'gone' }
  /** It has its detections already. */
  | { readonly outcome: 'inferred' };

export type Taken =
  | { readonly outcome: 'taken'; readonly item: StoreItem }
  /** An earlier attempt at it never ended. */
  | { readonly outcome: 'suspect' }
  | Exclude<Claimed, { outcome: 'claimed' }>;

/**
 * The files of frames and of their detections, as inference works on them: claimed one by one, brought to an end, or given back.
 * Throws as the stores do: TransientError STORE_…, ConfigError STORE_…, RejectedError STORE_ITEM_CORRUPT.
 */
export interface FrameFiles {
  /** What the queue is to know of frames, without those that are gone. One that cannot be read is among them: to be claimed, and set aside. */
  describe(ids: readonly string[]): Promise<readonly QueuedFrame[]>;
  /** Claims a frame that has no detections. */
  claim(id: string): Promise<Claimed>;
  /** Reads a claimed frame; `undefined` when it is gone. */
  read(id: string): Promise<StoreItem | undefined>;
  /**
   * Claims a frame that nobody has begun before, and reads it, in one go. It stays claimed when it is damaged (RejectedError), and is
   * given back on any other error.
   */
  take(id: string): Promise<Taken>;
  /** Stores the detections of a claimed frame, not fsynced, and gives the frame back. On an error it stays claimed. */
  put(result: FrameDetections): Promise<void>;
  /** Ends the claim as if it had never been; nothing when there is none. */
  giveBack(id: string): Promise<void>;
  /** Takes a frame out of the store that nobody else works on and that has no detections. False when there is none such. */
  drop(id: string): Promise<boolean>;
  /** Sets a claimed frame aside for good. */
  quarantine(id: string, reason: Omit<QuarantineReason, 'at'>): Promise<void>;
  close(): Promise<void>;
}
