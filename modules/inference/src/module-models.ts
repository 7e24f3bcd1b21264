import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type InferenceTwin, TransientError } from '@edgeveil/contracts';
import { defineMethod, type MethodHandler, type ModuleContext, pause } from '@edgeveil/module-kit';
import { z } from 'zod';
import { openCascade } from './cascade/open-cascade.ts';
import type { InferenceConfig } from './config.ts';
import type { Detector, DetectorOptions } from './detector.ts';
import type { FrameDetector } from './frame-detector.ts';
import { detectGpuHost } from './host/detect-gpu-host.ts';
import { gpuAdvice, noGpuReason } from './host/gpu-advice.ts';
import { IncomingModels } from './library/incoming-models.ts';
import { LibraryState } from './library/library-state.ts';
import { ModelLibrary } from './library/model-library.ts';
import { modelMethods, wishOf } from './library/model-methods.ts';
import { ModelOpener } from './library/model-opener.ts';
import { ModelUploads } from './library/model-upload.ts';
import { BUNDLED_MODELS_DIR } from './locate-model.ts';
import { ModelReporter } from './model-reporter.ts';
import { ModelSlot, type WantedModel } from './model-slot.ts';
import type { Exhaustion } from './session/session-keeper.ts';

/** A model that is not in use after this long is loaded while the module goes on. */
const SWITCH_MS = 20_000;

/** The module's models: the one in use, and the ways to change it. */
export interface ModuleModels {
  readonly slot: ModelSlot;
  readonly methods: Readonly<Record<string, MethodHandler>>;
  /** Opens what the twin asks for, or what a method put in its place before. */
  start(): Promise<void>;
  select(twin: InferenceTwin): Promise<void>;
}

/**
 * @param onReady called when there is another model in use
 * @param overrides of every detector's options, for tests
 */
export async function openModuleModels(
  context: ModuleContext<InferenceTwin>,
  config: InferenceConfig,
  onReady: () => void,
  overrides: Partial<DetectorOptions> = {},
): Promise<ModuleModels> {
  const { log, signal, stateDir, environment } = context;
  const folder = (name: string): string => join(stateDir, 'models', name);
  const scratchDir = folder('scratch');
  const engineCacheDir = folder('tensorrt-engines');
  await Promise.all([scratchDir, engineCacheDir].map((dir) => mkdir(dir, { recursive: true })));
  const host = await detectGpuHost({ root: config.hostRoot });
  const noGpu = noGpuReason(host);
  const library = await ModelLibrary.open(folder('library'));
  const state = await LibraryState.open(folder('state.json'), (error) =>
    log.warn('what is remembered of models cannot be written', { error }),
  );
  const incoming = await IncomingModels.open(folder('incoming'));
  const reporter = new ModelReporter(context, host, Date.now);
  let { twin } = context;

  const detectorOptions = ({ twin: asked, instead, givenUp, stage }: WantedModel): Omit<DetectorOptions, 'model'> => {
    const { watchdog, tensorRt } = asked;
    // Hash and thresholds of the twin are those of the model that it names.
    const model: Partial<InferenceTwin['model']> = instead === undefined ? asked.model : {};
    const isLeft = (provider: string): boolean => givenUp.every((each) => each.provider !== provider);
    return {
      sha256: model.sha256,
      providers: asked.executionProviders.filter(isLeft),
      knownFailures: givenUp,
      requireGpu: asked.requireGpu,
      devices: asked.devices,
      noGpu,
      proofTolerance: asked.gpuProof.tolerance,
      scratchDir,
      tensorRt: { ...(tensorRt.engineCache ? { engineCacheDir } : {}), fp16: tensorRt.fp16 },
      sessions: asked.sessions,
      threads: asked.threads,
      maxBatch: asked.maxBatch,
      scoreThreshold: model.scoreThreshold,
      labelThresholds: model.labelThresholds,
      deadlines: { openMs: watchdog.loadTimeoutSeconds * 1000, runMs: watchdog.runTimeoutSeconds * 1000 },
      budget: { maxRestarts: watchdog.maxRestarts, windowMs: watchdog.windowSeconds * 1000 },
      // A stage that is not required is left out for a while by itself.
      onExhausted: (exhaustion) => {
        if (stage === undefined || asked.cascade[stage]?.required === true) {
          giveUp(exhaustion).catch((error: unknown) => context.crash(error));
        }
      },
      log,
      ...overrides,
    };
  };
  const opener = new ModelOpener({
    library,
    state,
    incoming,
    modelsDir: config.modelsDir,
    bundledDir: BUNDLED_MODELS_DIR,
    environment,
    log,
    signal,
    detectorOptions,
  });
  /** The first model, with the stages that the twin has after it. */
  const withStages = (
    wanted: WantedModel,
    openFirst: () => Promise<Detector>,
    superseded: AbortSignal,
  ): Promise<FrameDetector> =>
    openCascade({
      openFirst,
      stages: wanted.twin.cascade,
      openStage: (stage, { model: { package: folder = stage, ...model } }) =>
        opener.openStage(
          { ...wanted, twin: { ...wanted.twin, model: { ...model, package: folder } }, instead: undefined, stage },
          superseded,
        ),
      // The twin in force: tiles change without a load.
      tilesOf: (source) => (source === undefined ? undefined : twin.tiling[source]) ?? twin.tiling['*'],
      log,
    });
  const slot = new ModelSlot(twin, {
    open: (wanted, superseded) => withStages(wanted, () => opener.open(wanted, superseded), superseded),
    openLastGood: async (wanted, except) => {
      const detector = await opener.openLastGood(wanted, except);
      return detector === undefined ? undefined : withStages(wanted, async () => detector, signal);
    },
    onChange: (change) => {
      reporter.changed(change);
      onReady();
    },
  });
  const uploads = new ModelUploads(incoming, () => twin.library.maxModelBytes);

  /** What is done when workers are lost more often than the budget allows. */
  const giveUp = async ({ losses, windowMs, reason, leftBehind }: Exhaustion): Promise<void> => {
    const provider = slot.detector?.provider.used;
    if (provider === undefined || signal.aborted) {
      return;
    }
    const { afterwards } = twin.watchdog;
    const why = `${losses} workers lost within ${windowMs / 1000} s: ${reason}`;
    log.error('inference does not hold', { provider, losses, leftBehind, afterwards, reason });
    const goesOn = afterwards === 'fallBack' && (await slot.giveUp({ provider, reason: why }));
    // A worker that dies is tried again for ever, the later the more often. One that is stuck inside the runtime keeps its
    // memory, and its GPU, until the process ends.
    if (!goesOn && (afterwards === 'fail' || leftBehind > 0)) {
      context.crash(new TransientError('INFERENCE_EXHAUSTED', `${provider}: ${why}`));
    }
  };

  /** What takes long, a download on a thin line, goes on by itself: the next twin is not to wait for it. */
  const inTime = async (change: Promise<unknown>): Promise<void> => {
    const waiting = new AbortController();
    const watched = change.catch((error: unknown) => context.crash(error)).finally(() => waiting.abort());
    await Promise.race([watched, pause(SWITCH_MS, waiting.signal)]);
  };
  const load = async (): Promise<void> => {
    const { pin } = state;
    if (pin === undefined || pin.instead !== wishOf(twin) || (await slot.use(pin.model)) !== undefined) {
      await slot.reload();
    }
  };

  return {
    slot,
    methods: {
      ...modelMethods({ library, state, incoming, uploads, opener, slot, twin: () => twin }),
      'gpu-doctor': defineMethod({
        payload: z.unknown(),
        call: async () => {
          const now = await detectGpuHost({ root: config.hostRoot });
          return { host: now, advice: gpuAdvice(now), providers: slot.detector?.providers ?? [] };
        },
      }),
    },
    start: async () => {
      const { url, sha256 = '' } = twin.model;
      if (url !== undefined && library.findBySha256(sha256) === undefined) {
        await slot.startWithLastGood();
      }
      await inTime(load());
    },
    select: async (next) => {
      twin = next;
      if (state.pin !== undefined && state.pin.instead !== wishOf(next)) {
        await state.setPin(undefined);
      }
      await inTime(slot.select(next));
    },
  };
}
