import { z } from 'zod';
import { frameIdSchema, sourceNameSchema, timestampSchema } from './primitives.ts';

/** Evidence whose copy in the cloud has been verified. */
export const uploadSchema = z
  .object({
    id: frameIdSchema,
    source: sourceNameSchema,
    container: z.string(),
    blob: z.string(),
    bytes: z.int().positive(),
    uploadedAt: timestampSchema,
  })
  .readonly();
export type Upload = z.infer<typeof uploadSchema>;

/** Body of a message of type `upload`. */
export const uploadsMessageSchema = z.object({ uploads: z.array(uploadSchema).min(1).readonly() }).readonly();
export type UploadsMessage = z.infer<typeof uploadsMessageSchema>;
