import { z } from 'zod';
import { redactionMethodSchema } from '../receipt.ts';
import { logLevelSchema } from './log-level.ts';

/** What is hidden, and how. */
export const policySchema = z.strictObject({
  name: z.string().min(1).max(64).default('default'),
  /** Labels that are masked. A model that cannot give one of them is refused: fail closed. */
  labels: z.array(z.string().min(1)).min(1).default(['face', 'plate']),
  method: redactionMethodSchema.default('pixelate'),
  /** Added to each side of a box, as a share of its width and height. */
  margin: z.number().min(0).max(2).default(0.15),
  /** Least number of pixels added to each side. */
  minMarginPixels: z.int().min(0).max(256).default(4),
  /** What is done with a frame in which nothing was found: `upload` it (redacted of metadata only) or `drop` it. */
  whenNothingFound: z.enum(['upload', 'drop']).default('upload'),
});
export type Policy = z.infer<typeof policySchema>;

/** Desired properties of the redact module. */
export const redactTwinSchema = z.strictObject({
  logLevel: logLevelSchema.default('info'),
  policy: policySchema.prefault({}),
  output: z.strictObject({ jpegQuality: z.int().min(30).max(100).default(82) }).prefault({}),
  /** Bound of the evidence store: redaction waits when it is reached. */
  evidence: z
    .strictObject({
      maxBytes: z
        .int()
        .positive()
        .default(4 * 1024 ** 3),
    })
    .prefault({}),
  aggregates: z
    .strictObject({
      windowSeconds: z.int().positive().max(86_400).default(60),
      /** How long after its end a window waits for frames that come late. */
      graceSeconds: z.number().nonnegative().max(86_400).default(5),
    })
    .prefault({}),
  concurrency: z.int().positive().max(64).default(2),
  sweepSeconds: z.number().positive().max(86_400).default(10),
});
export type RedactTwin = z.infer<typeof redactTwinSchema>;
