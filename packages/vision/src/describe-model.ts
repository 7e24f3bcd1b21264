import { ConfigError } from '@edgeveil/contracts';
import type { Size } from './boxes.ts';
import { COCO_LABELS } from './coco-labels.ts';
import { YUNET_OUTPUTS } from './decoders/yunet.ts';
import { gridCells, gridOf } from './grid.ts';
import { type IoMetadata, ioText, isShape, type ModelIo } from './model-io.ts';
import type { DecoderName, ModelInput, ModelPackage } from './model-package.ts';

/** Side of the input of a model that takes any size. */
const DEFAULT_SIDE = 640;

/** Where a bare model file comes from. */
export interface ModelFile {
  /** File name, with or without folder; gives the model its name. */
  readonly fileName: string;
  readonly sha256: string;
}

/**
 * Recognises the head of a bare `.onnx` from the names and shapes of its inputs and outputs, and gives the package with
 * the family's usual colour order, normalisation, resize rule and thresholds. ConfigError MODEL_INPUT_UNKNOWN or
 * MODEL_OUTPUT_UNKNOWN, with `expected` and `found`, when it is none of the three.
 */
export function describeModel(io: ModelIo, file: ModelFile): ModelPackage {
  const input = imageInputOf(io);
  const recognised = recogniseHead(io.outputs, input);
  if (recognised === undefined) {
    const cells = gridCells(input);
    const expected =
      `a YOLOv8 head [batch,4+labels,${cells}], a YOLOX head [batch,${cells},5+labels] ` +
      'or the twelve YuNet outputs cls_S, obj_S, bbox_S, kps_S with S = 8, 16, 32';
    const found = ioText(io.outputs);
    throw new ConfigError(
      'MODEL_OUTPUT_UNKNOWN',
      `model outputs not recognised: expected ${expected}, found ${found}`,
      {
        details: { expected, found, file: file.fileName },
      },
    );
  }
  const { decoder, labelCount } = recognised;
  return {
    name: nameOf(file.fileName),
    version: file.sha256.slice(0, 12),
    task: 'detection',
    sha256: file.sha256,
    licence: 'unknown',
    input: { ...INPUT_DEFAULTS[decoder], name: input.name, width: input.width, height: input.height },
    decoder,
    labels: labelsFor(decoder, labelCount),
    thresholds: { ...THRESHOLD_DEFAULTS[decoder], perLabel: {} },
  };
}

const PLAIN = { layout: 'nchw', mean: [0, 0, 0], std: [1, 1, 1], resize: 'letterbox' } as const;

const INPUT_DEFAULTS: Readonly<Record<DecoderName, Omit<ModelInput, 'name' | 'width' | 'height'>>> = {
  yolov8: { ...PLAIN, channels: 'rgb', scale: 1 / 255, anchor: 'centre', pad: 114 },
  yolox: { ...PLAIN, channels: 'bgr', scale: 1, anchor: 'top-left', pad: 114 },
  yunet: { ...PLAIN, channels: 'bgr', scale: 1, anchor: 'top-left', pad: 0 },
};

const THRESHOLD_DEFAULTS: Readonly<Record<DecoderName, { score: number; nms: number }>> = {
  yolov8: { score: 0.25, nms: 0.5 },
  yolox: { score: 0.3, nms: 0.45 },
  yunet: { score: 0.6, nms: 0.3 },
};

function imageInputOf(io: ModelIo): Size & { readonly name: string } {
  const [input, ...others] = io.inputs;
  if (
    input === undefined ||
    others.length > 0 ||
    input.type !== 'float32' ||
    !isShape(input, [undefined, 3, undefined, undefined])
  ) {
    const expected = 'one input float32 [batch,3,height,width]';
    const found = ioText(io.inputs);
    throw new ConfigError('MODEL_INPUT_UNKNOWN', `model input not recognised: expected ${expected}, found ${found}`, {
      details: { expected, found },
    });
  }
  const side = (axis: number): number => {
    const dim = input.shape?.[axis];
    return typeof dim === 'number' ? dim : DEFAULT_SIDE;
  };
  return { name: input.name, height: side(2), width: side(3) };
}

function recogniseHead(
  outputs: readonly IoMetadata[],
  input: Size,
): { readonly decoder: DecoderName; readonly labelCount: number } | undefined {
  const floats = outputs.filter((output) => output.type === 'float32');
  const isYunet = YUNET_OUTPUTS.every(({ name, stride, width }) =>
    isShape(
      floats.find((output) => output.name === name),
      [undefined, gridOf(input, stride).cells, width],
    ),
  );
  if (isYunet) {
    return { decoder: 'yunet', labelCount: 1 };
  }
  const [only] = floats;
  const [, first, second] = only?.shape ?? [];
  if (outputs.length !== 1 || only?.shape?.length !== 3) {
    return undefined;
  }
  const cells = gridCells(input);
  // Cells must be a fixed number here: with a symbolic one a YOLOv5 head, which is decoded otherwise, looks the same.
  if (first === cells && typeof second === 'number' && second >= 6) {
    return { decoder: 'yolox', labelCount: second - 5 };
  }
  if (typeof first === 'number' && first >= 5 && (second === cells || typeof second === 'string')) {
    return { decoder: 'yolov8', labelCount: first - 4 };
  }
  return undefined;
}

function labelsFor(decoder: DecoderName, count: number): readonly string[] {
  if (decoder === 'yunet') {
    return ['face'];
  }
  return count === COCO_LABELS.length ? COCO_LABELS : Array.from({ length: count }, (_, index) => `class${index}`);
}

function nameOf(fileName: string): string {
  const base = fileName.split(/[\\/]/).at(-1) ?? '';
  return base.replace(/\.onnx$/i, '').slice(0, 128) || 'model';
}
