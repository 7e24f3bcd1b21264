import { parentPort, workerData } from 'node:worker_threads';
import type { SessionSpec } from '../session/session-protocol.ts';
import { toTransferredError } from '../transferred-error.ts';
import { type ProbeReply, type RunProbeOptions, runProbe } from './run-probe.ts';

/*
 * Entry of the thread that starts the process in which a model is tried: to start a process blocks the thread that does it for
 * tens of milliseconds on a busy machine, and frames flow through the main one. Any message from there ends the process.
 */

// Given by probeModel.
const { spec, options } = workerData as {
  readonly spec: SessionSpec;
  readonly options: Omit<RunProbeOptions, 'signal'>;
};
const stop = new AbortController();
parentPort?.once('message', () => stop.abort());

async function probe(): Promise<ProbeReply> {
  try {
    return { type: 'opened', info: await runProbe(spec, { ...options, signal: stop.signal }) };
  } catch (error) {
    return { type: 'failed', error: toTransferredError(error, 'MODEL_PROBE_FAILED') };
  }
}

parentPort?.postMessage(await probe());
parentPort?.close();
