import { join } from 'node:path';
import { type InferenceTwin, inferenceTwinSchema } from '@edgeveil/contracts';
import { FileStore, Keyring } from '@edgeveil/frame-store';
import { defineModule, type ModuleContext, pause, type RunningModule, retryDelays } from '@edgeveil/module-kit';
import { announcedDetections } from './cascade/announced-detections.ts';
import { type InferenceConfig, readInferenceConfig } from './config.ts';
import { DetectionsWriter } from './detections-writer.ts';
import type { FrameFiles } from './frame-files/frame-files.ts';
import { ThreadedFrameFiles } from './frame-files/threaded-frame-files.ts';
import { FrameFlow } from './frame-flow.ts';
import { FrameInference } from './frame-inference.ts';
import { FrameQueue, queuedFrame } from './frame-queue.ts';
import { FrameSweep } from './frame-sweep.ts';
import { inferenceMetrics } from './inference-metrics.ts';
import { type ModuleModels, openModuleModels } from './module-models.ts';

/** Frames known in memory: the sweep lists faster than frames are inferred. */
const QUEUE_CAPACITY = 1000;
/** When a model that could not be loaded is tried again: a bad one costs a download, or a process, each time. */
const MODEL_RETRY_DELAYS = { firstMs: 15_000, maxMs: 300_000, jitter: 0 };

/** Finds what is in each frame with an ONNX model, and stores it beside the frame. */
export const inference = defineModule<InferenceTwin>({
  name: 'inference',
  twinSchema: inferenceTwinSchema,
  async start(context) {
    const config = readInferenceConfig(context.environment);
    const stores = await openStores(config, context);
    try {
      const models = await openModuleModels(context, config, () => running.wake());
      const running = createFlow(context, stores, models);
      await models.start();
      return running.start();
    } catch (error) {
      await stores.close();
      throw error;
    }
  },
});

interface Stores {
  readonly frames: FileStore;
  readonly detections: FileStore;
  /** The same two stores, for what is done with each frame. */
  readonly files: FrameFiles;
  close(): Promise<void>;
}

async function openStores(
  { framesDir, keyFile }: InferenceConfig,
  { moduleId: owner, instance }: Pick<ModuleContext<InferenceTwin>, 'instance' | 'moduleId'>,
): Promise<Stores> {
  const keyring = await Keyring.open(keyFile);
  const frames = await FileStore.open({ dir: join(framesDir, 'frames'), keyring });
  const detections = await FileStore.open({ dir: join(framesDir, 'detections'), keyring });
  const files = new ThreadedFrameFiles({ framesDir, keyFile, owner, instance });
  const close = async (): Promise<void> => {
    await Promise.all([files.close(), frames.close(), detections.close()]);
  };
  return { frames, detections, files, close };
}

interface Flow {
  wake(): void;
  start(): RunningModule<InferenceTwin>;
}

function createFlow(context: ModuleContext<InferenceTwin>, stores: Stores, models: ModuleModels): Flow {
  const { log, signal } = context;
  const { frames, detections, files } = stores;
  const { slot } = models;
  let { twin } = context;
  const metrics = inferenceMetrics(context.metrics, () => Math.max(0, frames.usage().items - detections.usage().items));
  const output = context.output('detections');
  const queue = new FrameQueue(QUEUE_CAPACITY);
  const work = new FrameInference({
    files,
    writer: new DetectionsWriter({ files, log, signal }),
    metrics,
    log,
    onDetections: (found) => output.post(announcedDetections(found, twin.cascade)),
    clock: Date.now,
  });
  const flow = new FrameFlow({
    queue,
    slot,
    inference: work,
    log,
    signal,
    onRoom: () => sweep.noteRoom(),
    pace: () => ({ maxDelayMs: twin.maxDelayMs, maxLiveAgeMs: twin.live.maxAgeSeconds * 1000 }),
  });
  const sweep = new FrameSweep({
    frames,
    detections,
    files,
    queue,
    onFound: () => flow.wake(),
    sweepSeconds: () => twin.sweepSeconds,
    log,
  });

  const start = (): RunningModule<InferenceTwin> => {
    let delays = retryDelays(MODEL_RETRY_DELAYS);
    const retryDelayMs = (): number => {
      delays = slot.failure === undefined ? retryDelays(MODEL_RETRY_DELAYS) : delays;
      return delays.next().value;
    };
    const retries = (async () => {
      while (await pause(retryDelayMs(), signal)) {
        await slot.retry();
      }
    })();
    const loops = Promise.all([flow.run(), sweep.run(signal), retries]).catch((error: unknown) => context.crash(error));
    return {
      inputs: {
        frames: {
          capacity: QUEUE_CAPACITY,
          handle: async (hints) => {
            for (const hint of hints) {
              if (!queue.add(queuedFrame(hint))) {
                sweep.noteOverflow();
              }
            }
            flow.wake();
          },
        },
      },
      methods: models.methods,
      status: () => ({ model: slot.detector?.identity, waiting: queue.size, batches: flow.underWay }),
      apply: async (next) => {
        twin = next;
        flow.wake();
        await models.select(next);
      },
      drain: async (aborted) => {
        const { promise: late, resolve } = Promise.withResolvers<void>();
        aborted.addEventListener('abort', () => resolve(), { once: true });
        await Promise.race([loops, late]);
      },
      close: async () => {
        await slot.close();
        await stores.close();
      },
    };
  };
  return { wake: () => flow.wake(), start };
}
