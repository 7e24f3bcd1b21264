import { z } from 'zod';
import { logLevelSchema } from './log-level.ts';

/** Desired properties of the uploader module. The storage account's credentials come from its environment, never from a twin. */
export const uploaderTwinSchema = z.strictObject({
  logLevel: logLevelSchema.default('info'),
  destination: z
    .strictObject({
      container: z
        .string()
        .regex(/^(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/, 'must be 3 to 63 of a-z, 0-9 and single inner hyphens')
        .default('evidence')
        .describe('Blob container.'),
      site: z
        .string()
        .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'must be 1 to 63 of letters, digits, dot, underscore and hyphen')
        .default('site')
        .describe('First part of every blob name: which site this is, across a fleet.'),
      createContainer: z.boolean().default(true).describe('Whether a missing container is created.'),
    })
    .prefault({}),
  spool: z
    .strictObject({
      maxBytes: z
        .int()
        .positive()
        .default(20 * 1024 ** 3)
        .describe('Bound of the spool: intake waits when it is reached, and evidence stays in its store.'),
    })
    .prefault({}),
  concurrency: z.int().positive().max(64).default(4).describe('Pictures uploaded at the same time.'),
  retry: z
    .strictObject({
      firstDelayMs: z
        .int()
        .positive()
        .default(500)
        .describe('Wait after the first failure; doubles with each further one.'),
      maxDelayMs: z.int().positive().default(60_000).describe('Longest wait between two attempts.'),
    })
    .prefault({}),
  sweepSeconds: z
    .number()
    .positive()
    .max(86_400)
    .default(10)
    .describe('How often evidence that no message announced is looked for.'),
});
export type UploaderTwin = z.infer<typeof uploaderTwinSchema>;
