import { scoreSchema, sha256Schema } from '@edgeveil/contracts';
import { z } from 'zod';

/**
 * Names of the families of models, stable. Each has its file under `families`; the names stand here by themselves because the
 * schema must be readable without loading the families.
 */
export const decoderNameSchema = z.enum([
  'blazeface',
  'centerface',
  'class-label',
  'classification',
  'ctc',
  'ctc-blank-last',
  'ctc-indices',
  'custom-vision',
  'custom-vision-yolo',
  'dense-boxes',
  'detection-output',
  'detr',
  'detr-softmax',
  'dets-labels',
  'dfl-maps',
  'efficient-nms',
  'efficientdet',
  'embedding',
  'end-to-end',
  'labels-boxes-scores',
  'lpd-yunet',
  'nanodet',
  'nanodet-plus',
  'paddle',
  'plate-slots',
  'retinaface',
  'rtdetr-rows',
  'scrfd',
  'tf-detection-api',
  'torchvision',
  'ultraface',
  'ultraface-raw',
  'yolo-fastest-v2',
  'yolov3-zoo',
  'yolov4-maps',
  'yolov5',
  'yolov5-landmarks',
  'yolov5-maps',
  'yolov7-nms',
  'yolov8',
  'yolov8-obb',
  'yolox',
  'yolox-decoded',
  'yunet',
  'yunet-2022',
]);
export type DecoderName = z.infer<typeof decoderNameSchema>;

const taskSchema = z.enum(['detection', 'classification', 'embedding', 'text']);
export type ModelTask = z.infer<typeof taskSchema>;

const inputTypeSchema = z.enum(['float32', 'float16', 'float64', 'uint8', 'int32', 'int64']);
export type InputType = z.infer<typeof inputTypeSchema>;

const channelTripleSchema = z.tuple([z.number(), z.number(), z.number()]).readonly();
const sideSchema = z.int().min(8).max(8192);

const inputFields = {
  name: z.string().min(1),
  width: sideSchema,
  height: sideSchema,
  type: inputTypeSchema,
  layout: z.enum(['nchw', 'nhwc']),
  /** `grey`: one channel, the luma of the picture. */
  channels: z.enum(['rgb', 'bgr', 'grey']),
  scale: z.number().positive(),
  /** In the order of `channels`. */
  mean: channelTripleSchema,
  std: z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]).readonly(),
  /** `crop` cuts the middle of the picture to the shape of the input. */
  resize: z.enum(['letterbox', 'stretch', 'crop']),
  anchor: z.enum(['centre', 'top-left']),
  /** Grey level of the padding. */
  pad: z.int().min(0).max(255),
  /** Pictures per run, for a model that takes no other number; without it as many as its input is declared for. */
  batch: z.int().min(1).max(1024),
} as const;

/** The model's input for the picture, and how a picture becomes it. A value is `(pixel * scale - mean) / std`. */
export const modelInputSchema = z
  .strictObject({
    ...inputFields,
    type: inputFields.type.default('float32'),
    layout: inputFields.layout.default('nchw'),
    mean: inputFields.mean.default([0, 0, 0]),
    std: inputFields.std.default([1, 1, 1]),
    anchor: inputFields.anchor.default('centre'),
    pad: inputFields.pad.default(114),
    batch: inputFields.batch.optional(),
  })
  .readonly();
export type ModelInput = z.infer<typeof modelInputSchema>;

const thresholdFields = {
  score: scoreSchema,
  /** Boxes of one label that overlap by more than this (IoU) are the same thing. */
  nms: scoreSchema,
} as const;

const modelFields = {
  name: z.string().min(1).max(128),
  version: z.string().min(1).max(64),
  /** For people and for choosing: `night`, `gate`, `int8`. */
  tags: z.array(z.string().min(1).max(64)).max(32).readonly(),
  task: taskSchema,
  /** SHA-256 of `model.onnx`. */
  sha256: sha256Schema,
  licence: z.string().min(1).max(256),
  decoder: decoderNameSchema,
  /** In the order of the model's classes; the characters of one that reads; none for an embedding. */
  labels: z.array(z.string().min(1).max(128)).max(32_768).readonly(),
} as const;

/** A model with everything that is needed to run it. What `model.json` leaves out has been worked out from the file. */
export const modelPackageSchema = z
  .strictObject({
    ...modelFields,
    tags: modelFields.tags.default([]),
    task: modelFields.task.default('detection'),
    input: modelInputSchema,
    thresholds: z
      .strictObject({ ...thresholdFields, perLabel: z.record(z.string(), scoreSchema).default({}) })
      .readonly(),
  })
  .refine(({ labels }) => areDistinct(labels), { path: ['labels'], message: 'must be different from each other' })
  .refine((model) => model.task === 'embedding' || model.labels.length > 0, {
    path: ['labels'],
    message: 'must not be empty',
  })
  .refine((model) => !ONE_LABEL.has(model.decoder) || model.labels.length === 1, {
    path: ['labels'],
    message: 'must be one: this decoder finds one kind of thing',
  })
  .refine((model) => Object.keys(model.thresholds.perLabel).every((label) => model.labels.includes(label)), {
    path: ['thresholds', 'perLabel'],
    message: 'must name labels of the model',
  })
  .readonly();
export type ModelPackage = z.infer<typeof modelPackageSchema>;

/** `model.json` of a package, what stands beside `model.onnx`: any part of the above. What is left out is worked out from the file. */
export const modelJsonSchema = z
  .strictObject({
    ...modelFields,
    input: z.strictObject(inputFields).partial().readonly(),
    thresholds: z
      .strictObject({ ...thresholdFields, perLabel: z.record(z.string(), scoreSchema) })
      .partial()
      .readonly(),
  })
  .partial()
  .refine(({ labels }) => labels === undefined || areDistinct(labels), {
    path: ['labels'],
    message: 'must be different from each other',
  })
  .readonly();
export type ModelJson = z.infer<typeof modelJsonSchema>;

const ONE_LABEL: ReadonlySet<DecoderName> = new Set([
  'blazeface',
  'centerface',
  'lpd-yunet',
  'retinaface',
  'scrfd',
  'ultraface',
  'ultraface-raw',
  'yunet',
  'yunet-2022',
]);

function areDistinct(labels: readonly string[]): boolean {
  return new Set(labels).size === labels.length;
}
