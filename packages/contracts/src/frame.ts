import { z } from 'zod';
import {
  frameIdSchema,
  guaranteeSchema,
  pictureFormatSchema,
  sha256Schema,
  sourceNameSchema,
  timestampSchema,
} from './primitives.ts';

/** A frame in the frame store: what a message carries in place of the picture (claim check). */
export const frameSchema = z
  .object({
    id: frameIdSchema,
    source: sourceNameSchema,
    guarantee: guaranteeSchema,
    capturedAt: timestampSchema,
    format: pictureFormatSchema,
    /** Size as displayed: EXIF orientation applied. */
    width: z.int().positive(),
    height: z.int().positive(),
    /** Length and SHA-256 of the picture as it was taken in. */
    bytes: z.int().positive(),
    sha256: sha256Schema,
    /** File name or other label given by the source; stays on the site. */
    name: z.string().max(1024).optional(),
  })
  .readonly();
export type Frame = z.infer<typeof frameSchema>;

/** Body of a message of type `frame`. */
export const framesMessageSchema = z.object({ frames: z.array(frameSchema).min(1).readonly() }).readonly();
export type FramesMessage = z.infer<typeof framesMessageSchema>;
