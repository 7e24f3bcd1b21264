import { z } from 'zod';
import { sha256Schema } from '../primitives.ts';
import { logLevelSchema } from './log-level.ts';
import { relativePathSchema } from './relative-path.ts';

/** Where a model runs, tried in the configured order. */
export const executionProviderSchema = z.enum(['cuda', 'webgpu', 'cpu']);
export type ExecutionProvider = z.infer<typeof executionProviderSchema>;

/** Desired properties of the inference module. */
export const inferenceTwinSchema = z.strictObject({
  logLevel: logLevelSchema.default('info'),
  model: z
    .strictObject({
      package: relativePathSchema('the models volume')
        .default('demo-scenes')
        .describe(
          'Folder of a model package, below the models volume or, if it is not there, among those in the image.',
        ),
      sha256: sha256Schema.optional().describe('When given, the model file must have exactly this hash.'),
      scoreThreshold: z.number().min(0).max(1).optional().describe("Overrides the package's score threshold."),
      labelThresholds: z
        .record(z.string(), z.number().min(0).max(1))
        .optional()
        .describe("Overrides the package's score thresholds of single labels."),
    })
    .prefault({}),
  executionProviders: z
    .array(executionProviderSchema)
    .min(1)
    .default(['cuda', 'cpu'])
    .describe('Tried in this order; what is used is reported.'),
  requireGpu: z.boolean().default(false).describe('Refuse to run on the CPU when no listed GPU provider works.'),
  threads: z
    .int()
    .min(0)
    .max(256)
    .default(0)
    .describe('Threads of one run on the CPU; 0 means all that the container has.'),
  maxBatch: z.int().positive().max(256).default(8).describe('Most frames in one run, for models that take batches.'),
  sweepSeconds: z
    .number()
    .positive()
    .max(86_400)
    .default(10)
    .describe('How often the frame store is looked through for frames that no message announced.'),
});
export type InferenceTwin = z.infer<typeof inferenceTwinSchema>;
