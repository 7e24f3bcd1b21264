import type { ModelFacts } from '../../recognition/model-facts.ts';
import {
  BGR_RAW_STRETCH,
  centred,
  type InputRule,
  RGB_IMAGENET,
  RGB_RAW_STRETCH,
  RGB_UNIT_STRETCH,
} from '../input-rules.ts';

interface Guess {
  readonly input: InputRule;
  readonly reason: string;
  /** Whether nothing in the file speaks for it. */
  readonly isAssumed?: boolean;
}

/** Operators by which a graph brings pixels to its own scale. */
const NORMALISES = new Set(['Sub', 'Add', 'Mul', 'Div', 'BatchNormalization', 'Normalizer', 'ImageScaler']);

/**
 * How a network that looks at whole pictures wants its pixels. Shapes do not show that; names, metadata and the first
 * operators do at times. Otherwise mean and deviation of ImageNet, which most were trained with.
 */
export function pictureInput(facts: ModelFacts, classCount: number | undefined): Guess {
  const { metadata, image, outputs, operators } = facts;
  const { width, height } = facts.size;
  const crop = <T extends InputRule>(rule: T): T => ({ ...rule, resize: 'crop' as const });
  if (metadata['Image.BitmapPixelFormat'] !== undefined || metadata['Image.NominalPixelRange'] !== undefined) {
    const channels = /^rgb/i.test(metadata['Image.BitmapPixelFormat'] ?? '') ? 'rgb' : 'bgr';
    const isUnit = metadata['Image.NominalPixelRange']?.endsWith('0_1') === true;
    const input = crop({ ...BGR_RAW_STRETCH, channels, scale: isUnit ? 1 / 255 : 1 });
    return {
      input,
      reason: `the metadata of Custom Vision: ${channels.toUpperCase()}, ${isUnit ? '0 to 1' : '0 to 255'}`,
    };
  }
  if (image.name === 'data' && outputs.every(({ name }) => /^(model_output|loss|classLabel)$/.test(name))) {
    return {
      input: crop(BGR_RAW_STRETCH),
      reason: 'input data and output as Custom Vision names them: BGR, 0 to 255, cut to the middle',
    };
  }
  if (metadata.task === 'classify') {
    return {
      input: crop(RGB_UNIT_STRETCH),
      reason: 'the metadata of Ultralytics say task classify: RGB, 0 to 1, cut to the middle',
    };
  }
  if (image.type === 'uint8') {
    return { input: RGB_RAW_STRETCH, reason: 'the input takes bytes, so the graph brings them to its scale' };
  }
  if (
    /^data(_\d)?$/.test(image.name) &&
    (operators.LRN !== undefined || outputs.some(({ name }) => /^(softmaxout|prob|fc8|pool)/.test(name)))
  ) {
    const input: InputRule = { ...BGR_RAW_STRETCH, mean: [104, 117, 124] };
    return {
      input,
      reason: `input ${image.name} and output ${outputs[0]?.name ?? ''} as Caffe names them: BGR, means subtracted`,
    };
  }
  if (classCount === 1001) {
    return {
      input: centred('rgb', 128, 128),
      reason: '1001 classes, the first the background, as TensorFlow has them: -1 to 1',
    };
  }
  if (width === 112 && height === 112) {
    return { input: centred('rgb', 127.5, 127.5), reason: '112x112 as ArcFace has it: RGB, -1 to 1' };
  }
  if (image.layout === 'nhwc' && width * 2 === height) {
    return {
      input: BGR_RAW_STRETCH,
      reason: 'upright, channels last, as the persons of OpenVINO: BGR, 0 to 255',
      isAssumed: true,
    };
  }
  if (image.goesTo.length > 0 && image.goesTo.every((operator) => NORMALISES.has(operator))) {
    return {
      input: RGB_RAW_STRETCH,
      reason: `the graph begins with ${image.goesTo.join(' and ')}: it normalises by itself`,
      isAssumed: true,
    };
  }
  return { input: RGB_IMAGENET, reason: 'RGB, mean and deviation of ImageNet', isAssumed: true };
}

/** What to check when nothing in the file speaks for the input. */
export function inputAssumption({ reason, isAssumed }: Guess): string[] {
  return isAssumed === true ? [`input: ${reason}; a file does not show it, so compare with how it was trained`] : [];
}
