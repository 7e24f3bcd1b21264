import { z } from 'zod';
import { sha256Schema } from '../primitives.ts';
import { logLevelSchema } from './log-level.ts';
import { relativePathSchema } from './relative-path.ts';

/** Where a model runs, tried in the configured order. */
export const executionProviderSchema = z.enum(['tensorrt', 'cuda', 'webgpu', 'cpu']);
export type ExecutionProvider = z.infer<typeof executionProviderSchema>;

/** Desired properties of the inference module. */
export const inferenceTwinSchema = z.strictObject({
  logLevel: logLevelSchema.default('info'),
  model: z
    .strictObject({
      package: relativePathSchema('the models volume')
        .default('demo-scenes')
        .describe(
          'Folder of a model package, below the models volume or, if it is not there, among those in the image; or the name of a model in the library.',
        ),
      version: z
        .string()
        .min(1)
        .max(64)
        .optional()
        .describe('When given, the model must have this version. Without it the library gives the newest.'),
      url: z
        .url({ protocol: /^https?$/ })
        .max(4096)
        .optional()
        .describe(
          'Where the model file is fetched from: a blob with its SAS. Needs `model.sha256`; a model that the library has by that hash is not fetched again. `model.package` is not used then.',
        ),
      descriptionUrl: z
        .url({ protocol: /^https?$/ })
        .max(4096)
        .optional()
        .describe('Where its `model.json` is fetched from. Without it the model is recognised from the file.'),
      sha256: sha256Schema.optional().describe('When given, the model file must have exactly this hash.'),
      scoreThreshold: z.number().min(0).max(1).optional().describe("Overrides the package's score threshold."),
      labelThresholds: z
        .record(z.string(), z.number().min(0).max(1))
        .optional()
        .describe("Overrides the package's score thresholds of single labels."),
    })
    .refine(({ url, sha256 }) => url === undefined || sha256 !== undefined, {
      path: ['sha256'],
      message: 'is needed with a url',
    })
    .prefault({}),
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
  threads: z
    .int()
    .min(0)
    .max(256)
    .default(0)
    .describe('Threads of one run on the CPU; 0 means all that the container has.'),
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
