import type { PixelArea } from '@edgeveil/picture-codec';
import type { LetterboxPlan } from '@edgeveil/vision';

/** Where a picture goes. */
export interface Place {
  readonly plan: LetterboxPlan;
  /** Of the padding. */
  readonly pad: number;
  /** Not read by anyone until the picture is placed. */
  readonly memory: SharedArrayBuffer;
}

/** RGB pixels of a decoded picture that all threads can read, from the start of the memory. */
export interface SharedPixels {
  readonly memory: SharedArrayBuffer;
  readonly width: number;
  readonly height: number;
}

/** A part of a decoded picture. */
export interface PicturePart {
  readonly pixels: SharedPixels;
  readonly area: PixelArea;
}

/** What is to be placed: the bytes of a plain JPEG, which go to the thread, or a part of a decoded picture. */
export type PictureRequest =
  | { readonly place: Place; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly place: Place; readonly part: PicturePart };

export interface PictureReply {
  /** The bytes come back when the picture is not one for the thread after all; nothing has been placed then. */
  readonly refused?: Uint8Array<ArrayBuffer>;
}
