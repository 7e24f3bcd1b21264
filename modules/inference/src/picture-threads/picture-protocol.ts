import type { Place } from './picture-placer.ts';

/** A picture that is to be decoded and placed. */
export interface PlaceRequest extends Place {
  /** Of a plain JPEG. They go to the thread. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface PlaceReply {
  /** The bytes come back when the picture is not one for the thread after all; nothing has been placed then. */
  readonly refused?: Uint8Array<ArrayBuffer>;
}
