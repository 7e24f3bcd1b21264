import { join } from 'node:path';
import { type ConfigError, type InferenceTwin, inferenceTwinSchema } from '@edgeveil/contracts';
import { FileStore, Keyring } from '@edgeveil/frame-store';
import { defineModule, every, type ModuleContext, type RunningModule } from '@edgeveil/module-kit';
import { type InferenceConfig, readInferenceConfig } from './config.ts';
import { DetectionsWriter } from './detections-writer.ts';
import { Detector } from './detector.ts';
import { FrameFlow } from './frame-flow.ts';
import { FrameInference } from './frame-inference.ts';
import { FrameQueue } from './frame-queue.ts';
import { FrameSweep } from './frame-sweep.ts';
import { inferenceMetrics } from './inference-metrics.ts';
import { BUNDLED_MODELS_DIR, findModelPackage } from './locate-model.ts';
import { ModelReporter } from './model-reporter.ts';
import { ModelSlot } from './model-slot.ts';

/** Frames known in memory: the sweep lists faster than frames are inferred. */
const QUEUE_CAPACITY = 1000;
/** How often a model that could not be loaded is tried again. */
const MODEL_RETRY_MS = 15_000;

/** Finds what is in each frame with an ONNX model, and stores it beside the frame. */
export const inference = defineModule<InferenceTwin>({
  name: 'inference',
  twinSchema: inferenceTwinSchema,
  async start(context) {
    const config = readInferenceConfig(context.environment);
    const stores = await openStores(config);
    const slot = createSlot(context, config, () => running.wake());
    const running = createFlow(context, stores, slot);
    try {
      await slot.reload();
    } catch (error) {
      await stores.close();
      throw error;
    }
    return running.start();
  },
});

interface Stores {
  readonly frames: FileStore;
  readonly detections: FileStore;
  close(): Promise<void>;
}

async function openStores({ framesDir, keyFile }: InferenceConfig): Promise<Stores> {
  const keyring = await Keyring.open(keyFile);
  const frames = await FileStore.open({ dir: join(framesDir, 'frames'), keyring });
  const detections = await FileStore.open({ dir: join(framesDir, 'detections'), keyring });
  const close = async (): Promise<void> => {
    await Promise.all([frames.close(), detections.close()]);
  };
  return { frames, detections, close };
}

function createSlot(context: ModuleContext<InferenceTwin>, config: InferenceConfig, onReady: () => void): ModelSlot {
  const reporter = new ModelReporter(context, Date.now);
  const dirs = [...(config.modelsDir === undefined ? [] : [config.modelsDir]), BUNDLED_MODELS_DIR];
  return new ModelSlot(context.twin, {
    open: async (twin) =>
      Detector.open({
        model: await findModelPackage(twin.model.package, dirs),
        sha256: twin.model.sha256,
        providers: twin.executionProviders,
        requireGpu: twin.requireGpu,
        threads: twin.threads,
        maxBatch: twin.maxBatch,
        scoreThreshold: twin.model.scoreThreshold,
        labelThresholds: twin.model.labelThresholds,
        log: context.log,
      }),
    onChange: (detector: Detector | undefined, failure: ConfigError | undefined, twin) => {
      if (failure !== undefined) {
        reporter.failed(failure, twin);
      } else if (detector !== undefined) {
        reporter.running(detector, twin);
        onReady();
      }
    },
  });
}

interface Flow {
  wake(): void;
  start(): RunningModule<InferenceTwin>;
}

function createFlow(context: ModuleContext<InferenceTwin>, stores: Stores, slot: ModelSlot): Flow {
  const { log, signal } = context;
  const { frames, detections } = stores;
  let { twin } = context;
  const metrics = inferenceMetrics(context.metrics, () => Math.max(0, frames.usage().items - detections.usage().items));
  const output = context.output('detections');
  const queue = new FrameQueue(QUEUE_CAPACITY);
  const work = new FrameInference({
    frames,
    detections,
    writer: new DetectionsWriter({ detections, log, signal }),
    metrics,
    log,
    owner: context.moduleId,
    instance: context.instance,
    onDetections: (found) => output.post(found),
    clock: Date.now,
  });
  const flow = new FrameFlow({ queue, slot, inference: work, log, signal, onRoom: () => sweep.noteRoom() });
  const sweep = new FrameSweep({
    frames,
    detections,
    queue,
    onFound: () => flow.wake(),
    sweepSeconds: () => twin.sweepSeconds,
    log,
  });

  const start = (): RunningModule<InferenceTwin> => {
    const retries = every(MODEL_RETRY_MS, signal, () => slot.retry());
    const loops = Promise.all([flow.run(), sweep.run(signal), retries]).catch((error: unknown) => context.crash(error));
    return {
      inputs: {
        frames: {
          capacity: QUEUE_CAPACITY,
          handle: async (hints) => {
            for (const { id, source } of hints) {
              if (!queue.add({ id, source })) {
                sweep.noteOverflow();
              }
            }
            flow.wake();
          },
        },
      },
      status: () => ({ model: slot.detector?.identity, waiting: queue.size, batches: flow.underWay }),
      apply: async (next) => {
        twin = next;
        await slot.select(next);
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
