import { parentPort, workerData } from 'node:worker_threads';
import { InternalError } from '@edgeveil/contracts';
import { toTransferredError } from '../transferred-error.ts';
import type { FilesReply, FilesRequest } from './files-protocol.ts';
import { type FrameFilesPlace, StoredFrameFiles } from './stored-frame-files.ts';

/*
 * Entry of the thread that touches the files of frames, and may block. On Node's thread pool each of the fifteen operations for a frame would
 * wake two threads, which take the cores from the decoder and the runtime.
 */

if (parentPort === null) {
  throw new InternalError('NOT_A_WORKER', 'frame-files-worker.ts is the entry of a worker thread');
}
const port = parentPort;
const place: FrameFilesPlace = workerData;
const underWay = new Set<Promise<void>>();
let opened: Promise<StoredFrameFiles> | undefined;

/** Opens the stores, when they are first needed and after each time that they could not be opened. */
function openFiles(): Promise<StoredFrameFiles> {
  opened ??= StoredFrameFiles.open(place).catch((error: unknown) => {
    opened = undefined;
    throw error;
  });
  return opened;
}

async function answer({ id, method, args }: FilesRequest): Promise<void> {
  try {
    const value = await (method === 'close' ? close() : perform(method, args));
    port.postMessage({ id, value } satisfies FilesReply, pictureIn(value));
  } catch (error) {
    port.postMessage({ id, error: toTransferredError(error, 'FRAME_FILES_FAILED') } satisfies FilesReply);
  }
  if (method === 'close') {
    port.close();
  }
}

port.on('message', (request: FilesRequest) => {
  const answering = answer(request).finally(() => underWay.delete(answering));
  underWay.add(answering);
});

/** After all that was asked before. */
async function close(): Promise<void> {
  await Promise.all(underWay);
  const files = await opened;
  await files?.close();
}

async function perform(method: FilesRequest['method'], args: FilesRequest['args']): Promise<unknown> {
  const files = await openFiles();
  return (files[method] as (...args: readonly unknown[]) => Promise<unknown>).call(files, ...args);
}

/** The memory of a picture that has been read: handed over, not copied. A small one shares its memory with others. */
function pictureIn(value: unknown): ArrayBuffer[] {
  const { item = value } = (value ?? {}) as { item?: unknown };
  const { payload } = (item ?? {}) as { payload?: Buffer };
  return payload?.buffer instanceof ArrayBuffer && payload.byteLength === payload.buffer.byteLength
    ? [payload.buffer]
    : [];
}
