import { boxBetween } from '../../boxes.ts';
import { outputText } from '../../recognition/table-facts.ts';
import { customVisionInput } from '../custom-vision-input.ts';
import type { Family } from '../family.ts';
import { decodeSelected, findSelected, type SelectedRule } from './selected-boxes.ts';

const RULE: SelectedRule = {
  names: { boxes: /^detected_boxes$/i, classes: /^detected_classes$/i, scores: /^detected_scores$/i },
  firstClass: 0,
  box: ([left, top, right, bottom], { input: { width, height } }) =>
    boxBetween(left * width, top * height, right * width, bottom * height),
};

/** Custom Vision, General (compact) [S1]: `detected_boxes` left, top, right, bottom as shares of the picture, classes, scores. */
export const customVision: Family = {
  decoder: 'custom-vision',
  title: 'Custom Vision detection, General (compact) [S1]',
  task: 'detection',
  recognise(facts) {
    const selected = findSelected(facts.outputs, RULE.names);
    if (selected === undefined) {
      return undefined;
    }
    const { input, reasons } = customVisionInput(facts);
    return {
      certainty: 'fixed',
      reasons: [
        `outputs named as Custom Vision names them: ${[selected.boxes, selected.classes, selected.scores].map(outputText).join(', ')}`,
        ...reasons,
      ],
      labelCount: undefined,
      input,
      thresholds: { score: 0.3, nms: 1 },
      ...(reasons.length > 0 ? {} : { assumed: ['input: RGB, 0 to 255; the file does not say'] }),
    };
  },
  decode: (outputs, context) => decodeSelected(outputs, context, RULE),
};
