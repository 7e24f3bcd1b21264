import { ModelSession } from '../session/model-session.ts';
import type { SessionSpec } from '../session/session-protocol.ts';
import { toTransferredError } from '../transferred-error.ts';
import type { ProbeReply } from './run-probe.ts';

/*
 * Entry of the process in which a model is loaded for the first time: the runtime is native code, and a file made to break it
 * breaks this process and no other. The spec comes on standard input, the reply leaves on the channel to the parent.
 */

async function probe(): Promise<ProbeReply> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) {
    chunks.push(chunk);
  }
  try {
    // Written by runProbe, out of a SessionSpec.
    const spec = JSON.parse(Buffer.concat(chunks).toString('utf8')) as SessionSpec;
    const session = await ModelSession.open(spec);
    return { type: 'opened', info: session.info };
  } catch (error) {
    return { type: 'failed', error: toTransferredError(error, 'MODEL_PROBE_FAILED') };
  }
}

process.send?.(await probe());
process.disconnect();
