import { z } from 'zod';
import { stageNameSchema } from '../primitives.ts';
import { redactionMethodSchema } from '../receipt.ts';
import { logLevelSchema } from './log-level.ts';

/** What is hidden, and how. */
export const policySchema = z.strictObject({
  name: z.string().min(1).max(64).default('default').describe('Name of the policy, for receipts.'),
  labels: z
    .array(z.string().min(1))
    .min(1)
    .default(['face', 'plate'])
    .describe('What is masked. Frames of a model that cannot find one of these wait: fail closed.'),
  hideHeads: z
    .boolean()
    .default(false)
    .describe(
      'Hide also the head of every person in whom no face was found: seen from behind, or missed. Needs a model that finds persons.',
    ),
  method: redactionMethodSchema.default('pixelate').describe('How masked pixels are destroyed.'),
  margin: z
    .number()
    .min(0)
    .max(2)
    .default(0.15)
    .describe('Added to each side of a box, as a share of its width and height.'),
  minMarginPixels: z.int().min(0).max(256).default(4).describe('Least number of pixels added to each side.'),
  attributes: z
    .array(stageNameSchema)
    .optional()
    .describe(
      'Stages of the cascade whose classes or texts may leave: in receipts, and classes as counts `<stage>:<class>`. None when not given. Features (embeddings) never leave.',
    ),
  whenNothingFound: z
    .enum(['upload', 'drop'])
    .default('upload')
    .describe('What happens to a frame in which nothing was masked: it is uploaded without its metadata, or dropped.'),
});
export type Policy = z.infer<typeof policySchema>;

/** Desired properties of the redact module. */
export const redactTwinSchema = z.strictObject({
  logLevel: logLevelSchema.default('info'),
  policy: policySchema.prefault({}),
  output: z
    .strictObject({
      jpegQuality: z.int().min(30).max(100).default(82).describe('Quality of the JPEG that leaves.'),
    })
    .prefault({}),
  evidence: z
    .strictObject({
      maxBytes: z
        .int()
        .positive()
        .default(4 * 1024 ** 3)
        .describe('Bound of the evidence store: redaction waits when it is reached.'),
    })
    .prefault({}),
  aggregates: z
    .strictObject({
      windowSeconds: z.int().positive().max(86_400).default(60).describe('Length of a counting window.'),
      graceSeconds: z
        .number()
        .nonnegative()
        .max(86_400)
        .default(5)
        .describe('How long after its end a window waits for frames that come late, before it is sent.'),
    })
    .prefault({}),
  concurrency: z.int().positive().max(64).default(2).describe('Frames redacted at the same time.'),
  sweepSeconds: z
    .number()
    .positive()
    .max(86_400)
    .default(10)
    .describe('How often detections that no message announced are looked for.'),
});
export type RedactTwin = z.infer<typeof redactTwinSchema>;
