import { Worker } from 'node:worker_threads';
import { InternalError } from '@edgeveil/contracts';
import type { SessionInfo, SessionSpec } from '../session/session-protocol.ts';
import { fromTransferredError } from '../transferred-error.ts';
import type { ProbeReply, RunProbeOptions } from './run-probe.ts';

const WORKER_FILE = new URL('./probe-worker.ts', import.meta.url);

export type ProbeOptions = RunProbeOptions;

/**
 * Loads a model and runs it once in a process of its own, and tells what it is: whatever a broken or hostile file does to the
 * runtime, this process goes on, its memory is as before, and its event loop free.
 *
 * @throws as {@link runProbe}
 */
export async function probeModel(spec: SessionSpec, options: ProbeOptions): Promise<SessionInfo> {
  const { signal, ...rest } = options;
  const worker = new Worker(WORKER_FILE, { name: 'model-probe', workerData: { spec, options: rest } });
  const stop = (): void => worker.postMessage('stop');
  signal.addEventListener('abort', stop, { once: true });
  try {
    const reply = await new Promise<ProbeReply>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', () => reject(new InternalError('MODEL_PROBE_SILENT', 'the probe ended without a word')));
      if (signal.aborted) stop();
    });
    if (reply.type === 'failed') {
      throw fromTransferredError(reply.error);
    }
    return reply.info;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
