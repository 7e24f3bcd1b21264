import { boxBetween } from '../../boxes.ts';
import type { ModelFacts } from '../../recognition/model-facts.ts';
import { outputText } from '../../recognition/table-facts.ts';
import type { Family, Recognition } from '../family.ts';
import { RGB_RAW_STRETCH, RGB_UNIT_STRETCH } from '../input-rules.ts';
import { decodeSelected, findSelected, findUnnamed, type SelectedRule } from './selected-boxes.ts';
import { isTorchvision } from './torchvision.ts';

const RULE: SelectedRule = {
  names: { boxes: /box|dets|bbox/i, classes: /label|class|cls/i, scores: /score|conf|prob/i },
  firstClass: 0,
  box: ([left, top, right, bottom], { input: { width, height } }, isUnit) =>
    isUnit
      ? boxBetween(left * width, top * height, right * width, bottom * height)
      : boxBetween(left, top, right, bottom),
};

/**
 * Labels, boxes and scores of the finds: RT-DETR and D-FINE with their post-processing, SSD, MMDetection. Boxes are left, top, right, bottom, in input pixels or as shares of the picture, which their values tell.
 */
export const labelsBoxesScores: Family = {
  decoder: 'labels-boxes-scores',
  title: 'RT-DETR, D-FINE or SSD with post-processing (labels, boxes, scores)',
  task: 'detection',
  recognise,
  decode: (outputs, context) => decodeSelected(outputs, context, RULE),
};

function recognise(facts: ModelFacts): Recognition | undefined {
  const selected = findSelected(facts.outputs, RULE.names) ?? findUnnamed(facts.outputs);
  if (selected === undefined || facts.outputs.length !== 3) {
    return undefined;
  }
  const rank = selected.boxes.dims.length - 1;
  if (selected.scores.dims.length !== rank || selected.classes.dims.length !== rank) {
    return undefined;
  }
  if (isTorchvision(facts, selected)) {
    return undefined;
  }
  const isDetr = facts.others.some(({ name }) => /orig_(target_)?size/.test(name));
  return {
    certainty: isDetr ? 'fixed' : 'shapes',
    reasons: [
      `one box, one label and one score for each find: ${facts.outputs.map(outputText).join(', ')}`,
      ...(isDetr ? ['it asks for the size of the picture beside it, as RT-DETR and D-FINE do'] : []),
    ],
    labelCount: undefined,
    input: facts.image.type === 'uint8' ? RGB_RAW_STRETCH : RGB_UNIT_STRETCH,
    thresholds: { score: 0.3, nms: 1 },
    isSingle: !selected.boxes.hasBatch,
    ...(isDetr ? {} : { assumed: ['input: RGB, 0 to 1; classes counted from 0'] }),
  };
}
