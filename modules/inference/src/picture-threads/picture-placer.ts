import { freeBytes } from '@edgeveil/frame-store';
import { decodeResized, PictureResizer } from '@edgeveil/picture-codec';
import { cpuLimit } from '../host/cpu-limit.ts';
import type { PixelMemory } from '../pixel-memory.ts';
import { placePixels, resizeTarget } from '../place-pixels.ts';
import { Turns } from '../turns.ts';
import type { PicturePart, PictureRequest, Place } from './picture-protocol.ts';
import { PictureThread } from './picture-thread.ts';

/** Each takes 20 MB, more once it has cut large parts, and eight decode 1300 pictures of 1080p a second. */
const MAX_THREADS = 8;

/** How a picture is to be laid for a model, and memory for it. */
export interface PlaceFor extends Omit<Place, 'memory'> {
  readonly blocks: PixelMemory;
}

/**
 * Brings pictures to the input of a model and lays them where its session reads them, for all detectors of the process. No more at once
 * than there are cores, and eight: more would keep others waiting for them, and come back to the event loop all in one turn.
 */
export class PicturePlacer {
  static #shared: Promise<PicturePlacer> | undefined;

  readonly #turns: Turns;
  /** Started when they are needed, never ended. */
  readonly #idleThreads: PictureThread[] = [];

  constructor(threads: number) {
    this.#turns = new Turns(threads);
  }

  /** That of the process. */
  static shared(): Promise<PicturePlacer> {
    PicturePlacer.#shared ??= cpuLimit().then((cores) => new PicturePlacer(Math.min(cores, MAX_THREADS)));
    return PicturePlacer.#shared;
  }

  /**
   * Decodes and shrinks a whole picture, orientation applied: a plain JPEG on a thread of its own, all else on Node's thread pool.
   * Answers with the block that it lies in. Bytes that are consumed are empty afterwards. RejectedError PICTURE_…, TransientError PICTURE_THREAD_LOST
   */
  place(bytes: Buffer, target: PlaceFor, { isConsumed }: { readonly isConsumed: boolean }): Promise<SharedArrayBuffer> {
    return this.#inBlock(target, async (place) => {
      const left = PictureResizer.takes(bytes)
        ? await this.#onThread({ place, bytes: ownBytes(bytes, isConsumed) })
        : bytes;
      if (left === undefined) {
        return;
      }
      const pixels = await decodeResized(left, resizeTarget(place.plan));
      placePixels(new Uint8Array(place.memory), pixels, place.plan, place.pad);
      freeBytes(pixels.data);
      if (isConsumed) {
        freeBytes(left);
      }
    });
  }

  /** Cuts a part out of a picture that has been decoded, and shrinks it as `place` does a whole one. */
  placePart({ pixels, area }: PicturePart, target: PlaceFor): Promise<SharedArrayBuffer> {
    return this.#inBlock(target, async (place) => {
      await this.#onThread({ place, part: { pixels, area } });
    });
  }

  /** The block is taken when the turn comes: those who wait need none yet. */
  #inBlock({ blocks, plan, pad }: PlaceFor, put: (place: Place) => Promise<void>): Promise<SharedArrayBuffer> {
    return this.#turns.take(async () => {
      const memory = blocks.take();
      try {
        await put({ plan, pad, memory });
        return memory;
      } catch (error) {
        blocks.release(memory);
        throw error;
      }
    });
  }

  /** Answers with the bytes when the picture is not one for a thread after all: damaged, or odd. */
  async #onThread(request: PictureRequest): Promise<Buffer | undefined> {
    const thread = this.#idleThreads.pop() ?? new PictureThread();
    const { refused } = await thread.place(request);
    this.#idleThreads.push(thread);
    return refused && Buffer.from(refused.buffer);
  }
}

/** The bytes in memory that can be handed to another thread. */
function ownBytes(bytes: Buffer, isConsumed: boolean): Uint8Array<ArrayBuffer> {
  const { buffer, byteLength } = bytes;
  return isConsumed && buffer instanceof ArrayBuffer && byteLength === buffer.byteLength
    ? new Uint8Array(buffer)
    : Uint8Array.from(bytes);
}
