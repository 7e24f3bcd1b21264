import { parentPort } from 'node:worker_threads';
import { InternalError } from '@edgeveil/contracts/errors';
import { JpegResizer } from '@edgeveil/picture-codec/jpeg-resizer';
import { placePixels } from '../place-pixels.ts';
import type { PlaceReply, PlaceRequest } from './picture-protocol.ts';

/*
 * Entry of a thread that decodes pictures. It imports as little as can be: there is one of it for each core.
 */

if (parentPort === null) {
  throw new InternalError('NOT_A_WORKER', 'picture-worker.ts is the entry of a worker thread');
}
const port = parentPort;
const resizer = new JpegResizer();

port.on('message', ({ bytes, plan, pad, memory }: PlaceRequest) => {
  const { buffer } = bytes;
  const pixels = resizer.decode(Buffer.from(buffer), plan.content);
  if (pixels === undefined) {
    port.postMessage({ refused: bytes } satisfies PlaceReply, [buffer]);
    return;
  }
  placePixels(new Uint8Array(memory), pixels, plan, pad);
  // At once: the collector does not hurry for memory that is not in its heap.
  buffer.transfer(0);
  port.postMessage({} satisfies PlaceReply);
});
