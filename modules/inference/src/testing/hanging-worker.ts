import { existsSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import '../session/session-worker.ts';
import type { SessionRequest } from '../session/session-protocol.ts';

/*
 * The real worker, except that while the file `<model file>.hang` is there a run, or an open, never ends: the thread is
 * blocked, as by a device that does not answer.
 */
let marker = '';
parentPort?.on('message', (request: SessionRequest) => {
  if (request.type === 'open') {
    marker = `${request.spec.modelFile}.hang`;
  }
  if (request.type !== 'close' && existsSync(marker)) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  }
});
