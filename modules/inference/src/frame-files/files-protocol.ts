import type { TransferredError } from '../transferred-error.ts';
import type { FrameFiles } from './frame-files.ts';

/** A call of one of the methods of {@link FrameFiles}, as it crosses to the thread that does it. */
export interface FilesRequest {
  readonly id: number;
  readonly method: keyof FrameFiles;
  readonly args: readonly unknown[];
}

export type FilesReply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: TransferredError };
