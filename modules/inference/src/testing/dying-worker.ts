import { existsSync, readFileSync } from 'node:fs';
import { parentPort, threadId } from 'node:worker_threads';
import '../session/session-worker.ts';
import type { PlacedPicture, SessionRequest } from '../session/session-protocol.ts';

/*
 * The real worker, except that while the file `<model file>.die` is there it dies of an uncaught error instead of
 * answering a run: of any, or if the file holds a number, of one with a picture whose first byte is that number. The real
 * one works in a later microtask, so this comes first.
 */
let marker = '';
parentPort?.on('message', (request: SessionRequest) => {
  if (request.type === 'open') {
    marker = `${request.spec.modelFile}.die`;
  }
  if (request.type === 'run' && existsSync(marker) && isFatal(request.pictures, readFileSync(marker, 'utf8'))) {
    throw new Error(`worker ${threadId} was told to die`);
  }
});

function isFatal(pictures: readonly PlacedPicture[], firstByte: string): boolean {
  return firstByte === '' || pictures.some(({ memory }) => new Uint8Array(memory)[0] === Number(firstByte));
}
