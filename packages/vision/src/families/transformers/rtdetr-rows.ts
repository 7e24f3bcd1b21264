import { boxAround } from '../../boxes.ts';
import { type Candidate, pushLabels } from '../../decoders/candidate.ts';
import type { DecoderContext } from '../../decoders/decoder-context.ts';
import { outputMismatch, type PictureOutputs, rowsOf } from '../../decoders/picture-outputs.ts';
import { isGridCount } from '../../grid.ts';
import type { ModelFacts } from '../../recognition/model-facts.ts';
import { outputText } from '../../recognition/table-facts.ts';
import type { Family, Recognition } from '../family.ts';
import { RGB_UNIT_STRETCH } from '../input-rules.ts';

const QUERIES = 300;

/** RT-DETR of Ultralytics: `[300, 4 + labels]`: centre x, centre y, width, height as shares of the picture, class scores (sigmoid done). */
export const rtdetrRows: Family = {
  decoder: 'rtdetr-rows',
  title: 'RT-DETR of Ultralytics',
  task: 'detection',
  recognise,
  decode,
};

function recognise(facts: ModelFacts): Recognition | undefined {
  const [output, ...more] = facts.outputs;
  const [queries, width] = output?.dims ?? [];
  const isRows = output?.dims.length === 2 && queries === QUERIES && width !== undefined && width >= 5 && width !== 6;
  if (output === undefined || !isRows || more.length > 0 || isGridCount(facts.size, QUERIES)) {
    return undefined;
  }
  const labelCount = width - 4;
  return {
    certainty: facts.names?.length === labelCount || labelCount === 80 ? 'fixed' : 'shapes',
    reasons: [`${outputText(output)}: a box and ${labelCount} class scores for each of ${QUERIES} queries`],
    labelCount,
    input: RGB_UNIT_STRETCH,
    thresholds: { score: 0.3, nms: 1 },
  };
}

function decode(outputs: PictureOutputs, context: DecoderContext): Candidate[] {
  const { input, labels } = context;
  const rows = outputs.map((output) => rowsOf(output, 4 + labels.length)).find((each) => each !== undefined);
  if (rows === undefined) {
    throw outputMismatch(`[queries,${4 + labels.length}]`, outputs);
  }
  const found: Candidate[] = [];
  for (let row = 0; row < rows.count; row += 1) {
    const at = (column: number): number => rows.at(row, column);
    const box = boxAround(at(0) * input.width, at(1) * input.height, at(2) * input.width, at(3) * input.height);
    pushLabels(found, box, context, (label) => at(4 + label));
  }
  return found;
}
