import { scoreSchema, sha256Schema } from '@edgeveil/contracts';
import { z } from 'zod';

/** Output heads that can be decoded. */
export const decoderNameSchema = z.enum(['yolov8', 'yolox', 'yunet']);
export type DecoderName = z.infer<typeof decoderNameSchema>;

const channelTripleSchema = z.tuple([z.number(), z.number(), z.number()]).readonly();
const sideSchema = z.int().min(32).max(4096);

/** The model's one input and how a picture becomes it. A value is `(pixel * scale - mean) / std`. */
export const modelInputSchema = z
  .strictObject({
    name: z.string().min(1),
    width: sideSchema,
    height: sideSchema,
    layout: z.enum(['nchw', 'nhwc']).default('nchw'),
    channels: z.enum(['rgb', 'bgr']),
    scale: z.number().positive(),
    /** In the order of `channels`. */
    mean: channelTripleSchema.default([0, 0, 0]),
    std: z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]).readonly().default([1, 1, 1]),
    resize: z.enum(['letterbox', 'stretch']),
    anchor: z.enum(['centre', 'top-left']).default('centre'),
    /** Grey level of the padding. */
    pad: z.int().min(0).max(255).default(114),
  })
  .readonly();
export type ModelInput = z.infer<typeof modelInputSchema>;

/** `model.json` of a model package: what stands beside `model.onnx`. */
export const modelPackageSchema = z
  .strictObject({
    name: z.string().min(1).max(128),
    version: z.string().min(1).max(64),
    task: z.literal('detection'),
    /** SHA-256 of `model.onnx`. */
    sha256: sha256Schema,
    licence: z.string().min(1).max(256),
    input: modelInputSchema,
    decoder: decoderNameSchema,
    /** In the order of the model's classes. */
    labels: z.array(z.string().min(1).max(128)).min(1).max(4096).readonly(),
    thresholds: z
      .strictObject({
        score: scoreSchema,
        /** Boxes of one label that overlap by more than this (IoU) are the same thing. */
        nms: scoreSchema,
        perLabel: z.record(z.string(), scoreSchema).default({}),
      })
      .readonly(),
  })
  .refine((model) => new Set(model.labels).size === model.labels.length, {
    path: ['labels'],
    message: 'must be different from each other',
  })
  .refine((model) => model.input.width % 32 === 0 && model.input.height % 32 === 0, {
    path: ['input'],
    message: 'width and height must be multiples of 32, the largest stride',
  })
  .refine((model) => model.decoder !== 'yunet' || model.labels.length === 1, {
    path: ['labels'],
    message: 'must be one: yunet finds one kind of thing',
  })
  .refine((model) => Object.keys(model.thresholds.perLabel).every((label) => model.labels.includes(label)), {
    path: ['thresholds', 'perLabel'],
    message: 'must name labels of the model',
  })
  .readonly();
export type ModelPackage = z.infer<typeof modelPackageSchema>;
