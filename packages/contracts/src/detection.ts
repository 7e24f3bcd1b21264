import { z } from 'zod';
import { frameSchema } from './frame.ts';
import { boxSchema, scoreSchema, sha256Schema, timestampSchema } from './primitives.ts';

/** One thing found in a frame. */
export const detectionSchema = z
  .object({
    label: z.string().min(1).max(128),
    score: scoreSchema,
    box: boxSchema,
  })
  .readonly();
export type Detection = z.infer<typeof detectionSchema>;

/** Which model found it: enough to repeat the run years later. */
export const modelIdentitySchema = z
  .object({ name: z.string().min(1), version: z.string().min(1), sha256: sha256Schema })
  .readonly();
export type ModelIdentity = z.infer<typeof modelIdentitySchema>;

/** What inference says about one frame. Also kept beside the frame, so that a lost message loses nothing. */
export const frameDetectionsSchema = z
  .object({
    frame: frameSchema,
    model: modelIdentitySchema,
    /** All labels that the model can give. Redact refuses a frame whose model cannot see what its policy must hide. */
    labels: z.array(z.string().min(1)).min(1).readonly(),
    detections: z.array(detectionSchema).readonly(),
    inferredAt: timestampSchema,
  })
  .readonly();
export type FrameDetections = z.infer<typeof frameDetectionsSchema>;

/** Body of a message of type `detections`. */
export const detectionsMessageSchema = z
  .object({ results: z.array(frameDetectionsSchema).min(1).readonly() })
  .readonly();
export type DetectionsMessage = z.infer<typeof detectionsMessageSchema>;
