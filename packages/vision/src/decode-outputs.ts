import { ConfigError, type Detection, InternalError } from '@edgeveil/contracts';
import { boxArea } from './boxes.ts';
import { floatOutputs, type Outputs } from './decoders/output-tensor.ts';
import { pictureOutputs } from './decoders/picture-outputs.ts';
import type { Family } from './families/family.ts';
import { familyOf } from './families/family-table.ts';
import { fromInput, type LetterboxPlan } from './letterbox.ts';
import type { ModelPackage } from './model-package.ts';
import { suppressOverlaps } from './nms.ts';
import { type ScoreFloors, scoreFloors } from './score-floors.ts';

/** What a model's outputs are decoded with; made once per model. */
export interface DecodePlan {
  readonly model: ModelPackage;
  readonly family: Family;
  readonly floors: ScoreFloors;
}

/** Thresholds given here come before the package's. ConfigError MODEL_LABEL_UNKNOWN for a threshold of a label that the model does not have. */
export function planDecode(
  model: ModelPackage,
  overrides: { readonly score?: number; readonly perLabel?: Readonly<Record<string, number>> } = {},
): DecodePlan {
  const unknown = Object.keys(overrides.perLabel ?? {}).filter((label) => !model.labels.includes(label));
  if (unknown.length > 0) {
    const expected = model.labels.join(', ');
    throw new ConfigError(
      'MODEL_LABEL_UNKNOWN',
      `threshold for ${unknown.join(', ')}, but the model knows ${expected}`,
      {
        details: { expected, found: unknown.join(', ') },
      },
    );
  }
  const family = familyOf(model.decoder);
  if (family === undefined) {
    throw new InternalError('DECODER_MISSING', `no family has the decoder ${model.decoder}`);
  }
  const thresholds = {
    score: overrides.score ?? model.thresholds.score,
    perLabel: { ...model.thresholds.perLabel, ...overrides.perLabel },
  };
  return { model, family, floors: scoreFloors(model.labels, thresholds) };
}

/**
 * Decodes the outputs of a batch: for each letterbox plan its detections in pixels of the original picture, best first,
 * overlaps suppressed per label. `batch` is the batch that was run, larger than the number of pictures when places were
 * left empty. ConfigError MODEL_OUTPUT_SHAPE when the outputs are not those of the decoder.
 */
export function decodeOutputs(
  outputs: Outputs,
  plan: DecodePlan,
  pictures: readonly LetterboxPlan[],
  batch = pictures.length,
): Detection[][] {
  const { model, family, floors } = plan;
  const floats = floatOutputs(outputs);
  return pictures.map((picture, index) => {
    const context = { input: picture.input, labels: model.labels, floors };
    const candidates = family.decode(pictureOutputs(floats, { batch, index }), context);
    // Where the graph has selected already the threshold is 1, and this only puts the finds in order.
    return suppressOverlaps(candidates, model.thresholds.nms)
      .map((detection) => ({ ...detection, box: fromInput(picture, detection.box) }))
      .filter((detection) => boxArea(detection.box) > 0);
  });
}

/**
 * Features of each picture of a batch, copied; `undefined` for a model that gives none. ConfigError MODEL_OUTPUT_SHAPE as
 * `decodeOutputs`.
 */
export function embedOutputs(
  outputs: Outputs,
  { model, family, floors }: DecodePlan,
  { pictures, batch }: { readonly pictures: number; readonly batch: number },
): Float32Array[] | undefined {
  if (family.embed === undefined) {
    return undefined;
  }
  const floats = floatOutputs(outputs);
  const context = { input: model.input, labels: model.labels, floors };
  const all = Array.from({ length: pictures }, (_, index) =>
    family.embed?.(pictureOutputs(floats, { batch, index }), context)?.slice(),
  );
  return all.every((each) => each !== undefined) ? all : undefined;
}
