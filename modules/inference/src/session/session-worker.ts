import { type MessagePort, parentPort } from 'node:worker_threads';
import { ConfigError, InternalError, TransientError } from '@edgeveil/contracts';
import { toTransferredError } from '../transferred-error.ts';
import { ModelSession } from './model-session.ts';
import type { PlacedPicture, RunResult, SessionReply, SessionRequest } from './session-protocol.ts';

/*
 * Entry of the worker thread that owns the session, because the runtime's `run` blocks the thread that calls it.
 * Requests are answered in the order in which they come.
 */

if (parentPort === null) {
  throw new InternalError('NOT_A_WORKER', 'session-worker.ts is the entry of a worker thread');
}
serve(parentPort);

function serve(port: MessagePort): void {
  let session: ModelSession | undefined;
  let previous: Promise<void> = Promise.resolve();

  const answer = async (request: SessionRequest): Promise<SessionReply> => {
    switch (request.type) {
      case 'open':
        session = await ModelSession.open(request.spec);
        return { type: 'opened', id: request.id, info: session.info };
      case 'run':
        if (session === undefined) {
          throw new InternalError('SESSION_NOT_OPEN', 'asked to run before a model was opened');
        }
        return { type: 'ran', id: request.id, result: await run(session, request.pictures) };
      case 'close':
        await session?.close();
        session = undefined;
        return { type: 'closed', id: request.id };
    }
  };

  port.on('message', (request: SessionRequest) => {
    previous = previous.then(async () => {
      try {
        port.postMessage(await answer(request));
      } catch (error) {
        const reply: SessionReply = {
          type: 'failed',
          id: request.id,
          error: toTransferredError(error, 'SESSION_WORKER_FAILED'),
        };
        port.postMessage(reply);
      }
      if (request.type === 'close') {
        port.close();
      }
    });
  });
}

async function run(session: ModelSession, pictures: readonly PlacedPicture[]): Promise<RunResult> {
  try {
    return await session.run(pictures);
  } catch (cause) {
    if (cause instanceof ConfigError || cause instanceof InternalError) {
      throw cause;
    }
    // Out of memory, a lost device: another attempt may succeed, and attempts are counted.
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TransientError('INFERENCE_RUN_FAILED', `the runtime failed to run the model: ${reason}`, { cause });
  }
}
