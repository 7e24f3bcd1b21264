import { z } from 'zod';
import { frameIdSchema, sourceNameSchema, timestampSchema } from './primitives.ts';

/** A redacted picture in the evidence store; its receipt is stored with it. */
export const evidenceSchema = z
  .object({
    /** Same as the id of the frame it was made from. */
    id: frameIdSchema,
    source: sourceNameSchema,
    capturedAt: timestampSchema,
    bytes: z.int().positive(),
  })
  .readonly();
export type Evidence = z.infer<typeof evidenceSchema>;

/** Body of a message of type `evidence`. */
export const evidenceMessageSchema = z.object({ evidence: z.array(evidenceSchema).min(1).readonly() }).readonly();
export type EvidenceMessage = z.infer<typeof evidenceMessageSchema>;
