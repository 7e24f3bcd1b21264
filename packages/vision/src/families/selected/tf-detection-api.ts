import { boxBetween } from '../../boxes.ts';
import { cocoIdLabels } from '../../recognition/label-sources.ts';
import { outputText } from '../../recognition/table-facts.ts';
import type { Family } from '../family.ts';
import { RGB_RAW_STRETCH } from '../input-rules.ts';
import { decodeSelected, findSelected, findUnnamed, type SelectedRule } from './selected-boxes.ts';

const RULE: SelectedRule = {
  names: {
    boxes: /^detection_boxes/i,
    classes: /^detection_classes/i,
    scores: /^detection_scores/i,
    count: /^num_detections/i,
  },
  firstClass: 1,
  box: ([top, left, bottom, right], { input: { width, height } }, isUnit) =>
    isUnit
      ? boxBetween(left * width, top * height, right * width, bottom * height)
      : boxBetween(left, top, right, bottom),
};

/**
 * TensorFlow's object detection API: `detection_boxes` top, left, bottom, right as shares of the picture,
 * `detection_classes` from 1, `detection_scores`, `num_detections`. It takes pictures of any size and shrinks them itself.
 */
export const tfDetectionApi: Family = {
  decoder: 'tf-detection-api',
  title: 'TensorFlow object detection API',
  task: 'detection',
  recognise(facts) {
    const named = findSelected(facts.outputs, RULE.names);
    // EfficientNMS of TensorRT takes the same names for boxes in pixels; its count and classes are whole numbers by type.
    if (named !== undefined && facts.image.layout === 'nchw' && named.classes.type.startsWith('int')) {
      return undefined;
    }
    const isTensorFlow = facts.image.type === 'uint8' && facts.image.layout === 'nhwc';
    const selected = named ?? (isTensorFlow ? findUnnamed(facts.outputs) : undefined);
    if (selected === undefined) {
      return undefined;
    }
    const all = facts.outputs.find(({ name }) => /^(raw_detection_scores|detection_multiclass_scores)/i.test(name));
    const withBackground = all?.dims.at(-1);
    return {
      certainty: named === undefined ? 'shapes' : 'fixed',
      reasons: [
        `${named === undefined ? 'bytes in, channels last, and boxes, classes and scores as the API gives them' : 'outputs named as the API names them'}: ${[selected.boxes, selected.classes, selected.scores].map(outputText).join(', ')}`,
        ...(withBackground === undefined
          ? []
          : [`${outputText(all ?? selected.scores)}: ${withBackground - 1} classes beside the background`]),
      ],
      labelCount: withBackground === undefined ? undefined : withBackground - 1,
      ...(withBackground === 91 ? { labels: cocoIdLabels() } : {}),
      // It was trained on pictures whose ratio was kept or not, as its own pipeline says; a letterbox never distorts.
      input: { ...RGB_RAW_STRETCH, resize: 'letterbox', anchor: 'top-left' },
      thresholds: { score: 0.3, nms: 1 },
      outputs: [selected.boxes, selected.classes, selected.scores, selected.count].flatMap((each) =>
        each === undefined ? [] : [each.name],
      ),
    };
  },
  decode: (outputs, context) => decodeSelected(outputs, context, RULE),
};
