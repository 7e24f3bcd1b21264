import { boxAround } from '../../boxes.ts';
import { type Candidate, pushLabels } from '../../decoders/candidate.ts';
import type { DecoderContext } from '../../decoders/decoder-context.ts';
import { outputMismatch, type PictureOutputs, tableOf } from '../../decoders/picture-outputs.ts';
import { isGridCount } from '../../grid.ts';
import type { ModelFacts } from '../../recognition/model-facts.ts';
import { outputText, tableFacts } from '../../recognition/table-facts.ts';
import type { Family, Recognition } from '../family.ts';
import { RGB_UNIT_LETTERBOX } from '../input-rules.ts';

/**
 * Turned boxes of YOLOv8 and YOLO11: `[4 + labels + 1, cells]`: as YOLOv8, the last row is the angle in radians. Reported is the
 * upright box around the turned one.
 */
export const yolov8Obb: Family = {
  decoder: 'yolov8-obb',
  title: 'YOLOv8, YOLO11 with turned boxes (OBB)',
  task: 'detection',
  recognise,
  decode,
};

function recognise(facts: ModelFacts): Recognition | undefined {
  const [output, ...more] = facts.outputs;
  const table = output === undefined ? undefined : tableFacts(output, (count) => isGridCount(facts.size, count));
  // Nothing but the metadata tells the angle from one more class.
  if (facts.metadata.task !== 'obb' || table === undefined || more.length > 0 || table.width < 6) {
    return undefined;
  }
  const labelCount = table.width - 5;
  return {
    certainty: 'fixed',
    reasons: [
      `${outputText(table.output)}: 4 box values, ${labelCount} classes and an angle for each cell`,
      'the metadata of Ultralytics say task obb',
    ],
    labelCount,
    input: RGB_UNIT_LETTERBOX,
    thresholds: { score: 0.25, nms: 0.45 },
  };
}

function decode(outputs: PictureOutputs, context: DecoderContext): Candidate[] {
  const { labels, floors, input } = context;
  const width = 5 + labels.length;
  const table = outputs
    .map((output) => tableOf(output, (count) => isGridCount(input, count)))
    .find((each) => each?.width === width);
  if (table === undefined) {
    throw outputMismatch(`[${width},cells]`, outputs);
  }
  const found: Candidate[] = [];
  for (let cell = 0; cell < table.count; cell += 1) {
    const score = (label: number): number => table.at(cell, 4 + label);
    if (labels.some((_, label) => score(label) >= (floors.floor[label] as number))) {
      const [boxWidth, boxHeight, angle] = [table.at(cell, 2), table.at(cell, 3), table.at(cell, width - 1)];
      const [cos, sin] = [Math.abs(Math.cos(angle)), Math.abs(Math.sin(angle))];
      const box = boxAround(
        table.at(cell, 0),
        table.at(cell, 1),
        boxWidth * cos + boxHeight * sin,
        boxWidth * sin + boxHeight * cos,
      );
      pushLabels(found, box, context, score);
    }
  }
  return found;
}
