import { boxBetween } from '../../boxes.ts';
import type { ModelFacts, OutputFacts } from '../../recognition/model-facts.ts';
import { outputText } from '../../recognition/table-facts.ts';
import type { Family, Recognition } from '../family.ts';
import { BGR_RAW_LETTERBOX, type InputRule, RGB_IMAGENET, RGB_UNIT_LETTERBOX } from '../input-rules.ts';
import {
  decodeSelected,
  findSelected,
  findUnnamed,
  type SelectedOutputs,
  type SelectedRule,
} from './selected-boxes.ts';

const RULE: SelectedRule = {
  names: { boxes: /box/i, classes: /label|class|cls/i, scores: /score|conf|prob/i },
  // Class 0 is the background.
  firstClass: 1,
  box: ([left, top, right, bottom], { input: { width, height } }, isUnit) =>
    isUnit
      ? boxBetween(left * width, top * height, right * width, bottom * height)
      : boxBetween(left, top, right, bottom),
};

/** Means that Detectron's Caffe2 models subtract, BGR. */
const DETECTRON_MEAN = [102.9801, 115.9465, 122.7717] as const;

/**
 * torchvision's detectors, SSD and Faster R-CNN of the ONNX model zoo: boxes left, top, right, bottom, in input pixels or as
 * shares, labels of int64 from 1 because 0 is the background, scores. All but SSD without batch dimension.
 */
export const torchvision: Family = {
  decoder: 'torchvision',
  title: 'torchvision, Faster R-CNN or SSD with post-processing (boxes, labels from 1, scores)',
  task: 'detection',
  recognise,
  decode: (outputs, context) => decodeSelected(outputs, context, RULE),
};

/** Whether labels count from 1: lists without batch dimension beside a picture with or without one, or the names of SSD. */
export function isTorchvision(
  { others, outputs }: ModelFacts,
  { boxes, classes }: Pick<SelectedOutputs<OutputFacts>, 'boxes' | 'classes'>,
): boolean {
  const isSsd = boxes.name === 'bboxes' && outputs.some(({ name }) => name === 'labels');
  return classes.type === 'int64' && others.length === 0 && (!boxes.hasBatch || isSsd);
}

function recognise(facts: ModelFacts): Recognition | undefined {
  const plain = facts.outputs.filter(({ name, dims }) => dims.length < 3 && !/mask|keypoint/i.test(name));
  const selected = findSelected(plain, RULE.names) ?? findUnnamed(plain);
  const isLists = selected?.boxes.dims.length === 2 && selected.scores.dims.length === 1;
  if (selected === undefined || plain.length !== 3 || !isLists || !isTorchvision(facts, selected)) {
    return undefined;
  }
  const rule = inputOf(facts, selected.boxes.hasBatch);
  return {
    certainty: 'shapes',
    reasons: [
      `one box, one label and one score for each find: ${plain.map(outputText).join(', ')}`,
      selected.boxes.hasBatch
        ? 'boxes, labels and scores as SSD of the ONNX model zoo names them: labels count from 1'
        : 'without batch dimension and with labels of int64, as torchvision gives them: labels count from 1',
    ],
    labelCount: undefined,
    input: rule.input,
    thresholds: { score: 0.3, nms: 1 },
    isSingle: true,
    assumed: [
      `input: ${rule.text}`,
      'labels: counted from 1, 0 is the background; a model that counts from 0 has decoder labels-boxes-scores',
    ],
    outputs: [selected.boxes.name, selected.classes.name, selected.scores.name],
  };
}

function inputOf({ image }: ModelFacts, isSsd: boolean): { readonly input: InputRule; readonly text: string } {
  if (isSsd) {
    return {
      input: RGB_IMAGENET,
      text: 'RGB, mean and deviation of ImageNet, stretched, as SSD of the ONNX model zoo',
    };
  }
  return image.batch === undefined && image.name === 'image'
    ? {
        input: { ...BGR_RAW_LETTERBOX, mean: DETECTRON_MEAN, pad: 0 },
        text: 'BGR, means subtracted, as Faster R-CNN of the ONNX model zoo',
      }
    : { input: { ...RGB_UNIT_LETTERBOX, anchor: 'top-left', pad: 0 }, text: 'RGB, 0 to 1, as torchvision' };
}
