import { ConfigError, type Detection } from '@edgeveil/contracts';
import { boxArea } from './boxes.ts';
import type { Candidate } from './decoders/candidate.ts';
import type { DecoderContext, Outputs } from './decoders/output-tensor.ts';
import { decodeYolov8 } from './decoders/yolov8.ts';
import { decodeYolox } from './decoders/yolox.ts';
import { decodeYunet } from './decoders/yunet.ts';
import { fromInput, type LetterboxPlan } from './letterbox.ts';
import type { DecoderName, ModelPackage } from './model-package.ts';
import { suppressOverlaps } from './nms.ts';
import { type ScoreFloors, scoreFloors } from './score-floors.ts';

const DECODERS: Readonly<Record<DecoderName, (outputs: Outputs, context: DecoderContext) => Candidate[]>> = {
  yolov8: decodeYolov8,
  yolox: decodeYolox,
  yunet: decodeYunet,
};

/** What a model's outputs are decoded with; made once per model. */
export interface DecodePlan {
  readonly model: ModelPackage;
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
  const thresholds = {
    score: overrides.score ?? model.thresholds.score,
    perLabel: { ...model.thresholds.perLabel, ...overrides.perLabel },
  };
  return { model, floors: scoreFloors(model.labels, thresholds) };
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
  const { model, floors } = plan;
  return pictures.map((picture, index) => {
    const context = { input: picture.input, labels: model.labels, floors, batch, index };
    const candidates = DECODERS[model.decoder](outputs, context);
    return suppressOverlaps(candidates, model.thresholds.nms)
      .map((detection) => ({ ...detection, box: fromInput(picture, detection.box) }))
      .filter((detection) => boxArea(detection.box) > 0);
  });
}
