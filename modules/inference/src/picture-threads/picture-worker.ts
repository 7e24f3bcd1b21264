import { parentPort } from 'node:worker_threads';
import { InternalError } from '@edgeveil/contracts/errors';
import { PictureResizer } from '@edgeveil/picture-codec/picture-resizer';
import { placePixels, resizeTarget } from '../place-pixels.ts';
import type { PicturePart, PictureReply, PictureRequest, Place } from './picture-protocol.ts';

/*
 * Entry of a thread that decodes and shrinks pictures. It imports as little as can be: there is one of it for each core.
 */

if (parentPort === null) {
  throw new InternalError('NOT_A_WORKER', 'picture-worker.ts is the entry of a worker thread');
}
const port = parentPort;
const resizer = new PictureResizer();

port.on('message', (request: PictureRequest) => {
  if ('part' in request) {
    cut(request.part, request.place);
    port.postMessage({} satisfies PictureReply);
  } else if (decode(request.bytes, request.place)) {
    port.postMessage({} satisfies PictureReply);
  } else {
    port.postMessage({ refused: request.bytes } satisfies PictureReply, [request.bytes.buffer]);
  }
});

function decode({ buffer }: Uint8Array<ArrayBuffer>, { plan, pad, memory }: Place): boolean {
  const pixels = resizer.decode(Buffer.from(buffer), resizeTarget(plan));
  if (pixels === undefined) {
    return false;
  }
  placePixels(new Uint8Array(memory), pixels, plan, pad);
  // At once: the collector does not hurry for memory that is not in its heap.
  buffer.transfer(0);
  return true;
}

function cut({ pixels, area }: PicturePart, { plan, pad, memory }: Place): void {
  const { width, height } = pixels;
  const data = Buffer.from(pixels.memory, 0, width * height * 3);
  const part = resizer.cut({ data, width, height, channels: 3 }, area, resizeTarget(plan));
  placePixels(new Uint8Array(memory), part, plan, pad);
}
