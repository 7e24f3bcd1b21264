import { boxBetween } from '../../boxes.ts';
import { outputText } from '../../recognition/table-facts.ts';
import type { Family } from '../family.ts';
import { RGB_UNIT_LETTERBOX } from '../input-rules.ts';
import { decodeSelected, findSelected, type SelectedRule } from './selected-boxes.ts';

const RULE: SelectedRule = {
  names: {
    boxes: /^(det_boxes|nmsed_boxes|detection_boxes|bboxes|boxes)$/i,
    classes: /^(det_classes|nmsed_classes|detection_classes|classes|labels)$/i,
    scores: /^(det_scores|nmsed_scores|detection_scores|scores)$/i,
    count: /^(num_dets|num_detections|num_det|nums)$/i,
  },
  firstClass: 0,
  box: ([left, top, right, bottom], { input: { width, height } }, isUnit) =>
    isUnit
      ? boxBetween(left * width, top * height, right * width, bottom * height)
      : boxBetween(left, top, right, bottom),
};

/** Heads closed by TensorRT's EfficientNMS or by the like of it: count, boxes (left, top, right, bottom), scores, classes from 0. */
export const efficientNms: Family = {
  decoder: 'efficient-nms',
  title: 'YOLO with EfficientNMS (count, boxes, scores, classes)',
  task: 'detection',
  recognise(facts) {
    const selected = findSelected(facts.outputs, RULE.names);
    if (selected?.count === undefined) {
      return undefined;
    }
    return {
      certainty: 'fixed',
      reasons: [`a count beside boxes, scores and classes: ${facts.outputs.map(outputText).join(', ')}`],
      labelCount: undefined,
      input: RGB_UNIT_LETTERBOX,
      thresholds: { score: 0.25, nms: 1 },
    };
  },
  decode: (outputs, context) => decodeSelected(outputs, context, RULE),
};
