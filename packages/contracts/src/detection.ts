import { z } from 'zod';
import { frameSchema } from './frame.ts';
import { boxSchema, scoreSchema, sha256Schema, stageNameSchema, timestampSchema } from './primitives.ts';

/** Fields of every kind of detection. */
export const detectionFields = {
  label: z.string().min(1).max(128),
  score: scoreSchema,
  box: boxSchema,
} as const;

/** One thing found in a frame. */
export const detectionSchema = z.object(detectionFields).readonly();
export type Detection = z.infer<typeof detectionSchema>;

/** What a stage of a cascade says about a detection: a class of its own, or the text that is read there. */
export const attributeSchema = z
  .object({
    /** The stage that says so. */
    stage: stageNameSchema,
    /** The class, or the text. */
    label: z.string().min(1).max(128),
    score: scoreSchema,
  })
  .readonly();
export type Attribute = z.infer<typeof attributeSchema>;

/** Features of a detection, to compare by cosine. Of a person or a face they are biometric data: they stay on the site. */
export const embeddingSchema = z
  .object({
    stage: stageNameSchema,
    /** Numbers as float32, little-endian, in base64. */
    values: z.base64(),
  })
  .readonly();
export type Embedding = z.infer<typeof embeddingSchema>;

/** A detection with all that the stages of a cascade say. What a frame without a cascade has is a plain {@link Detection}. */
export const cascadeDetectionSchema = z
  .object({
    ...detectionFields,
    /** The stage that found it; nothing for what the first model found. */
    stage: stageNameSchema.optional(),
    /** Place, in the same list, of the detection whose crop it was found in. */
    parent: z.int().nonnegative().optional(),
    attributes: z.array(attributeSchema).readonly().optional(),
    embeddings: z.array(embeddingSchema).readonly().optional(),
  })
  .readonly();
export type CascadeDetection = z.infer<typeof cascadeDetectionSchema>;

/** Which model found it: enough to repeat the run years later. */
export const modelIdentitySchema = z
  .object({ name: z.string().min(1), version: z.string().min(1), sha256: sha256Schema })
  .readonly();
export type ModelIdentity = z.infer<typeof modelIdentitySchema>;

/** What a stage of a cascade gives. */
export const stageYieldSchema = z.enum(['detections', 'classification', 'embedding', 'text']);
export type StageYield = z.infer<typeof stageYieldSchema>;

/** A stage that a frame has been through. */
export const stageResultSchema = z
  .object({
    name: stageNameSchema,
    yields: stageYieldSchema,
    /** `undefined` when it could not be loaded, which only a stage that is not required may be. */
    model: modelIdentitySchema.optional(),
    /** False when a stage that is not required did not work for this frame: its attributes are missing. */
    isDone: z.boolean(),
  })
  .readonly();
export type StageResult = z.infer<typeof stageResultSchema>;

/** What inference says about one frame. Also kept beside the frame, so that a lost message loses nothing. */
export const frameDetectionsSchema = z
  .object({
    frame: frameSchema,
    model: modelIdentitySchema,
    /**
     * All labels that the model, and the stages of its cascade that find things, can give. Redact refuses a frame whose model
     * cannot see what its policy must hide.
     */
    labels: z.array(z.string().min(1)).min(1).readonly(),
    /** First those of the first model, best first, then those of each stage. Messages leave out what is to stay on the site. */
    detections: z.array(cascadeDetectionSchema).readonly(),
    /** The stages of the cascade; nothing where there is none. */
    stages: z.array(stageResultSchema).readonly().optional(),
    inferredAt: timestampSchema,
  })
  .readonly();
export type FrameDetections = z.infer<typeof frameDetectionsSchema>;

/** Body of a message of type `detections`. */
export const detectionsMessageSchema = z
  .object({ results: z.array(frameDetectionsSchema).min(1).readonly() })
  .readonly();
export type DetectionsMessage = z.infer<typeof detectionsMessageSchema>;
