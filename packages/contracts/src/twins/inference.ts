import { z } from 'zod';
import { logLevelSchema } from './log-level.ts';

/** Where a model runs, tried in the configured order. */
export const executionProviderSchema = z.enum(['cuda', 'webgpu', 'cpu']);
export type ExecutionProvider = z.infer<typeof executionProviderSchema>;

/** Desired properties of the inference module. */
export const inferenceTwinSchema = z.strictObject({
  logLevel: logLevelSchema.default('info'),
  model: z
    .strictObject({
      /** Folder of a model package, below the models volume or, if not there, among those in the image. */
      package: z
        .string()
        .min(1)
        .refine(
          (path) => !path.startsWith('/') && !path.split('/').includes('..'),
          'must be a folder below the models volume',
        )
        .default('demo-scenes'),
      /** When given, the model file must have exactly this hash. */
      sha256: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .optional(),
      /** Overrides of the package's thresholds. */
      scoreThreshold: z.number().min(0).max(1).optional(),
      labelThresholds: z.record(z.string(), z.number().min(0).max(1)).optional(),
    })
    .prefault({}),
  executionProviders: z.array(executionProviderSchema).min(1).default(['cuda', 'cpu']),
  /** Refuse to run on the CPU when no listed GPU provider works. */
  requireGpu: z.boolean().default(false),
  /** Threads of one run; 0 lets the runtime choose. */
  threads: z.int().min(0).max(256).default(0),
  maxBatch: z.int().positive().max(256).default(8),
  /** Frames that nobody announced, and frames whose detections got lost, are looked for this often. */
  sweepSeconds: z.number().positive().max(86_400).default(10),
});
export type InferenceTwin = z.infer<typeof inferenceTwinSchema>;
