import { z } from 'zod';
import { stageYieldSchema } from '../detection.ts';
import { stageNameSchema } from '../primitives.ts';
import { stageModelSchema } from './model-source.ts';

const stageSchema = z
  .strictObject({
    after: stageNameSchema
      .optional()
      .describe(
        'Another stage, one that yields detections, whose finds this one looks at. The first model when not given.',
      ),
    labels: z
      .array(z.string().min(1).max(128))
      .min(1)
      .describe('Labels of the detections whose crops are looked at, such as `person`.'),
    yields: stageYieldSchema.describe(
      'What comes of it: `detections` inside the crop (faces of persons), which are redacted as all others are; a `classification` or a `text` of the detection; an `embedding`: features to tell whether two detections are the same person or thing.',
    ),
    model: stageModelSchema,
    margin: z
      .number()
      .min(0)
      .max(2)
      .default(0.1)
      .describe('Added to each side of the crop, as a share of the width and height of the detection.'),
    minSize: z
      .int()
      .min(1)
      .max(8192)
      .default(16)
      .describe('Detections with a side of fewer pixels of the picture are not looked at.'),
    maxCrops: z
      .int()
      .positive()
      .max(1000)
      .default(100)
      .describe(
        'Most detections of a frame that are looked at, those with the best scores. A stage that yields `detections` looks at all.',
      ),
    required: z
      .boolean()
      .default(true)
      .describe(
        'With `false` frames go on without what this stage says while it does not work. A stage that yields `detections` is always required.',
      ),
    announce: z
      .boolean()
      .optional()
      .describe(
        'Whether classes, texts or features of this stage are in messages on the output `detections`, for other modules of the site. When not given, classes are; texts and features are only kept, sealed, until the frame is done with.',
      ),
  })
  .refine(({ yields, required }) => required || yields !== 'detections', {
    path: ['required'],
    message: 'must be true for a stage that yields detections: without them something would not be hidden',
  });
export type StageConfig = z.infer<typeof stageSchema>;

/** Most stages, and so most models beside the first one. */
const MAX_STAGES = 8;

/** Models that look at crops of what another one found. */
export const cascadeSchema = z
  .record(stageNameSchema, stageSchema)
  .superRefine((stages, context) => {
    if (Object.keys(stages).length > MAX_STAGES) {
      context.addIssue({ code: 'custom', path: [], message: `must not have more than ${MAX_STAGES} stages` });
    }
    for (const [name, { after }] of Object.entries(stages)) {
      const parent = after === undefined ? undefined : stages[after];
      if (after !== undefined && parent?.yields !== 'detections') {
        context.addIssue({ code: 'custom', path: [name, 'after'], message: 'must be a stage that yields detections' });
      } else if (isCircular(name, stages)) {
        context.addIssue({ code: 'custom', path: [name, 'after'], message: 'must not lead back to the stage itself' });
      }
    }
  })
  .default({})
  .describe('Stages after the first model, by name: models that look at crops of what was found.');
export type CascadeConfig = z.infer<typeof cascadeSchema>;

/** Whether what a stage says is in messages. What it finds always is. */
export function isAnnounced({ yields, announce }: Pick<StageConfig, 'yields' | 'announce'>): boolean {
  return yields === 'detections' || (announce ?? yields === 'classification');
}

function isCircular(name: string, stages: Readonly<Record<string, { readonly after?: string | undefined }>>): boolean {
  const seen = new Set<string>();
  for (let at: string | undefined = name; at !== undefined; at = stages[at]?.after) {
    if (seen.has(at)) {
      return true;
    }
    seen.add(at);
  }
  return false;
}
