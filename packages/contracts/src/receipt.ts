import { z } from 'zod';
import { attributeSchema, detectionFields, modelIdentitySchema } from './detection.ts';
import {
  boxSchema,
  frameIdSchema,
  guaranteeSchema,
  pictureFormatSchema,
  sha256Schema,
  sourceNameSchema,
  stageNameSchema,
  timestampSchema,
} from './primitives.ts';

/** How masked pixels are destroyed. */
export const redactionMethodSchema = z.enum(['pixelate', 'blur', 'solid']);
export type RedactionMethod = z.infer<typeof redactionMethodSchema>;

/** One masked area: the detection's box with the policy's margin, rounded outwards to blocks of 16 pixels, cut to the picture. */
export const maskSchema = z.object({ label: z.string().min(1), box: boxSchema }).readonly();
export type Mask = z.infer<typeof maskSchema>;

/** One thing found, as a receipt tells it: what stages of a cascade say about it only where the policy lets it leave, features never. */
export const receiptDetectionSchema = z
  .object({ ...detectionFields, attributes: z.array(attributeSchema).readonly().optional() })
  .readonly();
export type ReceiptDetection = z.infer<typeof receiptDetectionSchema>;

/** Proof of what was done to a frame before it could leave: goes with the picture as `.receipt.json`. */
export const receiptSchema = z
  .object({
    /** 1.1 adds `stages` and the attributes of what was found; a receipt that has neither is of version 1.0. */
    schemaVersion: z.enum(['1.0', '1.1']),
    frame: z
      .object({
        id: frameIdSchema,
        source: sourceNameSchema,
        guarantee: guaranteeSchema,
        capturedAt: timestampSchema,
        width: z.int().positive(),
        height: z.int().positive(),
        /** SHA-256 of the picture as it was taken in: proves which original this is without showing it. */
        sha256: sha256Schema,
      })
      .readonly(),
    model: modelIdentitySchema,
    /** Models of the cascade that looked for things in what the first one found, or whose attributes may leave. */
    stages: z
      .array(z.object({ name: stageNameSchema, model: modelIdentitySchema }).readonly())
      .readonly()
      .optional(),
    policy: z
      .object({
        name: z.string().min(1),
        /** SHA-256 of the policy as canonical JSON (keys sorted, no white space). */
        sha256: sha256Schema,
        method: redactionMethodSchema,
        labels: z.array(z.string()).readonly(),
      })
      .readonly(),
    found: z.array(receiptDetectionSchema).readonly(),
    masked: z.array(maskSchema).readonly(),
    picture: z
      .object({
        format: pictureFormatSchema,
        width: z.int().positive(),
        height: z.int().positive(),
        bytes: z.int().positive(),
        sha256: sha256Schema,
        /** MD5 in base64, as Blob storage's Content-MD5. */
        md5: z.string(),
      })
      .readonly(),
    redactedAt: timestampSchema,
  })
  .readonly();
export type Receipt = z.infer<typeof receiptSchema>;
