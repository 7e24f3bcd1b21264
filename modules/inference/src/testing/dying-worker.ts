import { existsSync } from 'node:fs';
import { parentPort, threadId } from 'node:worker_threads';
import '../session/session-worker.ts';
import { InternalError } from '@edgeveil/contracts';
import type { SessionRequest } from '../session/session-protocol.ts';

/*
 * The real worker, except that while the file `<model file>.die` is there it dies of an uncaught error instead of
 * answering a run: the real one works in a later microtask, so this comes first.
 */
let marker = '';
parentPort?.on('message', (request: SessionRequest) => {
  if (request.type === 'open') {
    marker = `${request.spec.modelFile}.die`;
  }
  if (request.type === 'run' && existsSync(marker)) {
    throw new InternalError('TEST_WORKER_DIES', `worker ${threadId} was told to die`);
  }
});
