import { z } from 'zod';
import { cascadeSchema } from './cascade.ts';
import { logLevelSchema } from './log-level.ts';
import { firstModelSchema } from './model-source.ts';
import { tilingSchema } from './tiling.ts';

/** Where a model runs, tried in the configured order. */
export const executionProviderSchema = z.enum(['tensorrt', 'cuda', 'webgpu', 'cpu']);
export type ExecutionProvider = z.infer<typeof executionProviderSchema>;

/** Desired properties of the inference module. */
export const inferenceTwinSchema = z.strictObject({
  logLevel: logLevelSchema.default('info'),
  model: firstModelSchema.prefault({}),
  cascade: cascadeSchema,
  tiling: tilingSchema,
  library: z
    .strictObject({
      maxBytes: z
        .int()
        .positive()
        .default(4 * 1024 ** 3)
        .describe('Bound of the model library in the state folder: models not used for longest make room.'),
      maxModelBytes: z
        .int()
        .positive()
        .default(2 * 1024 ** 3 - 1)
        .describe('Largest model file that is fetched or taken from a direct method.'),
    })
    .prefault({}),
  executionProviders: z
    .array(executionProviderSchema)
    .min(1)
    .default(['cuda', 'cpu'])
    .describe('Tried in this order; what is used is reported.'),
  devices: z
    .array(z.int().min(0).max(63))
    .min(1)
    .max(16)
    .default([0])
    .describe(
      'GPUs by their number in the container, for CUDA and TensorRT. With several, each has a session, and batches go to the one with least to do.',
    ),
  requireGpu: z
    .boolean()
    .default(false)
    .describe('Refuse to run on the CPU, or on a GPU that is drawn by software, when no listed GPU provider works.'),
  gpuProof: z
    .strictObject({
      tolerance: z
        .number()
        .positive()
        .max(1)
        .default(0.02)
        .describe(
          'How far outputs of a GPU may be from those of the CPU, as a share of the largest value of the output.',
        ),
    })
    .prefault({}),
  tensorRt: z
    .strictObject({
      engineCache: z
        .boolean()
        .default(true)
        .describe('Keep built engines in the state folder, so that only the first start builds them.'),
      fp16: z.boolean().default(false).describe('Let TensorRT calculate in half precision.'),
    })
    .prefault({}),
  watchdog: z
    .strictObject({
      runTimeoutSeconds: z
        .number()
        .positive()
        .max(3600)
        .default(30)
        .describe('A run that takes longer counts as hung: its worker is replaced.'),
      loadTimeoutSeconds: z
        .number()
        .positive()
        .max(7200)
        .default(900)
        .describe('A model that takes longer to load is refused. TensorRT can need minutes for its first engine.'),
      maxRestarts: z
        .int()
        .min(0)
        .max(1000)
        .default(3)
        .describe('Workers that may hang or die within `watchdog.windowSeconds` before something else is done.'),
      windowSeconds: z.number().positive().max(86_400).default(600).describe('Time in which restarts are counted.'),
      afterwards: z
        .enum(['fallBack', 'fail'])
        .default('fallBack')
        .describe(
          'What is done then: `fallBack` goes on with the next of `executionProviders`; `fail`, or no next one, ends the module so that it is restarted.',
        ),
    })
    .prefault({}),
  sessions: z
    .int()
    .min(0)
    .max(64)
    .default(0)
    .describe(
      'Copies of the model that run side by side on the CPU, which gives more frames than threads do; 0: one for each core that the container has, at most 8, and no more than memory allows.',
    ),
  threads: z
    .int()
    .min(0)
    .max(256)
    .default(0)
    .describe('Threads of one run on the CPU; 0: the cores that the container has, divided among the sessions.'),
  maxBatch: z.int().positive().max(256).default(8).describe('Most frames in one run, for models that take batches.'),
  maxDelayMs: z
    .number()
    .min(0)
    .max(1000)
    .default(0)
    .describe('Longest time that a frame waits for others to fill a batch; 0: batches are of what waits anyway.'),
  live: z
    .strictObject({
      maxAgeSeconds: z
        .number()
        .positive()
        .max(86_400)
        .default(10)
        .describe(
          'A frame of a live source that is older when its turn comes is dropped and counted. Others never are.',
        ),
    })
    .prefault({}),
  sweepSeconds: z
    .number()
    .positive()
    .max(86_400)
    .default(10)
    .describe('How often the frame store is looked through for frames that no message announced.'),
});
export type InferenceTwin = z.infer<typeof inferenceTwinSchema>;
