import type { Size } from '../../boxes.ts';
import { boxBetween } from '../../boxes.ts';
import { type Candidate, pushLabels } from '../../decoders/candidate.ts';
import type { DecoderContext } from '../../decoders/decoder-context.ts';
import { expectedDistance } from '../../decoders/distribution.ts';
import { outputMismatch, type PictureOutputs, tableOf } from '../../decoders/picture-outputs.ts';
import type { ModelFacts } from '../../recognition/model-facts.ts';
import { outputText, tableFacts } from '../../recognition/table-facts.ts';
import type { Family, Recognition } from '../family.ts';
import { NANODET_INPUT } from './nanodet.ts';

const STRIDES = [8, 16, 32, 64] as const;
const BINS = 8;

/**
 * NanoDet-Plus: one output `[cells, labels + 32]`, cells of strides 8, 16, 32, 64 one after the other: scores (sigmoid done),
 * then 8 weights for the distance of each side from `column * stride`, `row * stride`.
 */
export const nanodetPlus: Family = {
  decoder: 'nanodet-plus',
  title: 'NanoDet-Plus',
  task: 'detection',
  recognise,
  decode,
};

/** NanoDet-Plus rounds the sizes of its maps up. */
function gridsOf({
  width,
  height,
}: Size): { readonly stride: number; readonly columns: number; readonly cells: number }[] {
  return STRIDES.map((stride) => {
    const columns = Math.ceil(width / stride);
    return { stride, columns, cells: columns * Math.ceil(height / stride) };
  });
}

function recognise(facts: ModelFacts): Recognition | undefined {
  const cells = gridsOf(facts.size).reduce((sum, grid) => sum + grid.cells, 0);
  const [output, ...more] = facts.outputs;
  const table = output === undefined ? undefined : tableFacts(output, (count) => count === cells);
  if (
    table === undefined ||
    more.length > 0 ||
    table.count !== cells ||
    table.isChannelsFirst ||
    table.width <= 4 * BINS
  ) {
    return undefined;
  }
  const labelCount = table.width - 4 * BINS;
  return {
    certainty: labelCount === 80 ? 'fixed' : 'shapes',
    reasons: [
      `${outputText(table.output)}: ${labelCount} classes and 32 distances`,
      `${cells} rows are the cells of strides 8, 16, 32, 64 at ${facts.size.width}x${facts.size.height}`,
    ],
    labelCount,
    input: NANODET_INPUT,
    thresholds: { score: 0.35, nms: 0.6 },
  };
}

function decode(outputs: PictureOutputs, context: DecoderContext): Candidate[] {
  const { input, labels, floors } = context;
  const grids = gridsOf(input);
  const cells = grids.reduce((sum, grid) => sum + grid.cells, 0);
  const table = outputs
    .map((output) => tableOf(output, (count) => count === cells))
    .find((each) => each?.count === cells);
  if (table === undefined || table.width !== labels.length + 4 * BINS) {
    throw outputMismatch(`[${cells},${labels.length + 4 * BINS}]`, outputs);
  }
  const found: Candidate[] = [];
  let row = 0;
  for (const { stride, columns, cells: count } of grids) {
    for (let cell = 0; cell < count; cell += 1, row += 1) {
      const at = row;
      if (labels.some((_, label) => table.at(at, label) >= (floors.floor[label] as number))) {
        const x = (cell % columns) * stride;
        const y = Math.floor(cell / columns) * stride;
        const side = (index: number): number =>
          expectedDistance((bin) => table.at(at, labels.length + index * BINS + bin), BINS) * stride;
        const box = boxBetween(x - side(0), y - side(1), x + side(2), y + side(3));
        pushLabels(found, box, context, (label) => table.at(at, label));
      }
    }
  }
  return found;
}
