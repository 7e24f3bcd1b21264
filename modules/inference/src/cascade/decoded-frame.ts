import { type Box, RejectedError, TransientError } from '@edgeveil/contracts';
import { freeBytes } from '@edgeveil/frame-store';
import { decodePicture, decodeShrunk, ScratchBuffers } from '@edgeveil/picture-codec';
import type { Size } from '@edgeveil/vision';
import type { PicturePart, SharedPixels } from '../picture-threads/picture-protocol.ts';

/** Larger pictures are decoded shrunk to this, 4096 pixels squared: nobody is recognised by what is lost, and memory is not endless. */
const MAX_PIXELS = 2 ** 24;
/** Pixels of frames that wait for their stages. Beyond that a frame is decoded again when its turn comes. */
const MAX_HELD_BYTES = 128 * 1024 * 1024;

/** A part of a decoded frame. */
export interface PictureRegion extends PicturePart {
  /** Its corner and size in pixels of the original. */
  readonly corner: readonly [x: number, y: number];
  readonly size: Size;
}

/** Memory of decoded frames, for all frames of a cascade. */
export class FrameMemory {
  readonly buffers = new ScratchBuffers({
    maxIdle: 4,
    maxBytesEach: MAX_PIXELS * 3,
    allocate: (length) => Buffer.from(new SharedArrayBuffer(length)),
  });
  /** Bytes of pixels that frames hold. */
  heldBytes = 0;

  get isScarce(): boolean {
    return this.heldBytes > MAX_HELD_BYTES;
  }
}

/** One frame's picture, decoded once at the resolution that is needed, for parts to be cut out. */
export class DecodedFrame {
  readonly original: Size;
  readonly #bytes: Buffer;
  readonly #scale: number;
  readonly #memory: FrameMemory;
  #pixels: Promise<SharedPixels> | undefined;
  #buffer: Buffer<SharedArrayBuffer> | undefined;
  #heldBytes = 0;

  /** @param scale pixels that are needed for each of the original, at most 1 */
  constructor(bytes: Buffer, original: Size, { scale, memory }: { scale: number; memory: FrameMemory }) {
    this.#bytes = bytes;
    this.original = original;
    this.#scale = Math.min(1, scale, Math.sqrt(MAX_PIXELS / (original.width * original.height)));
    this.#memory = memory;
  }

  /** The smallest part of whole pixels that covers a box of the original. RejectedError PICTURE_… when it is decoded for the first time. */
  async region(box: Box): Promise<PictureRegion> {
    this.#pixels ??= this.#decode();
    const pixels = await this.#pixels;
    const scaleX = pixels.width / this.original.width;
    const scaleY = pixels.height / this.original.height;
    const [left, width] = wholePixels(box[0] * scaleX, box[2] * scaleX, pixels.width);
    const [top, height] = wholePixels(box[1] * scaleY, box[3] * scaleY, pixels.height);
    return {
      pixels,
      area: { left, top, width, height },
      corner: [left / scaleX, top / scaleY],
      size: { width: width / scaleX, height: height / scaleY },
    };
  }

  /** As `region`, for a frame that has been decoded before: what fails now is not the picture's fault. */
  async regionAgain(box: Box): Promise<PictureRegion> {
    try {
      return await this.region(box);
    } catch (cause) {
      if (cause instanceof RejectedError) {
        throw new TransientError('INFERENCE_RUN_FAILED', 'a picture that was decoded before cannot be now', { cause });
      }
      throw cause;
    }
  }

  /** Lets go of the pixels when there is not enough memory for all that wait. They are decoded again when they are asked for. */
  relieve(): void {
    if (this.#memory.isScarce) {
      this.release();
    }
  }

  /** Lets go of the pixels. Nothing that was asked of the frame may be under way. */
  release(): void {
    this.#pixels = undefined;
    this.#memory.heldBytes -= this.#heldBytes;
    this.#heldBytes = 0;
    if (this.#buffer !== undefined) {
      this.#memory.buffers.give(this.#buffer);
      this.#buffer = undefined;
    }
  }

  async #decode(): Promise<SharedPixels> {
    const { width, height } = this.original;
    const scaled = { maxWidth: Math.ceil(width * this.#scale), maxHeight: Math.ceil(height * this.#scale) };
    this.#heldBytes = scaled.maxWidth * scaled.maxHeight * 3;
    this.#memory.heldBytes += this.#heldBytes;
    const buffer = this.#memory.buffers.take(this.#heldBytes);
    this.#buffer = buffer;
    const pixels = await (this.#scale < 1
      ? decodeShrunk(this.#bytes, scaled, this.original)
      : decodePicture(this.#bytes, { buffer }));
    if (pixels.data.length > buffer.length) {
      throw new RejectedError('FRAME_SIZE_MISMATCH', 'the picture is larger than its frame says', {
        details: { expected: [width, height], found: [pixels.width, pixels.height] },
      });
    }
    if (pixels.data.buffer !== buffer.buffer) {
      buffer.set(pixels.data);
      freeBytes(pixels.data);
    }
    return { memory: buffer.buffer, width: pixels.width, height: pixels.height };
  }
}

/** Start and length in whole pixels, at least one, inside the picture. */
function wholePixels(start: number, length: number, limit: number): [number, number] {
  // What misses a whole pixel by rounding alone does not need another one.
  const first = Math.min(Math.max(0, Math.floor(start + 1e-6)), limit - 1);
  const end = Math.min(limit, Math.max(first + 1, Math.ceil(start + length - 1e-6)));
  return [first, end - first];
}
