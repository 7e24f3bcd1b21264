import { boxBetween } from '../../boxes.ts';
import { type Candidate, pushLabels } from '../../decoders/candidate.ts';
import type { DecoderContext } from '../../decoders/decoder-context.ts';
import { expectedDistance } from '../../decoders/distribution.ts';
import { outputMismatch, type PictureOutputs, type Rows, rowsOf } from '../../decoders/picture-outputs.ts';
import { gridOf } from '../../grid.ts';
import type { ModelFacts } from '../../recognition/model-facts.ts';
import { hasDims } from '../../recognition/table-facts.ts';
import type { Family, Recognition } from '../family.ts';
import type { InputRule } from '../input-rules.ts';

/** Values that say how far each of the four sides is, as weights of whole numbers of strides. */
const DISTANCES = 32;
const STRIDES = [8, 16, 32, 64] as const;

export const NANODET_INPUT: InputRule = {
  channels: 'bgr',
  scale: 1,
  mean: [103.53, 116.28, 123.675],
  std: [57.375, 57.12, 58.395],
  resize: 'letterbox',
  anchor: 'centre',
  pad: 0,
};

/**
 * NanoDet: for each stride scores `[cells, labels]`, sigmoid done, and distances `[cells, 32]`: for each side 8 weights,
 * whose softmax gives an expectation in strides from the middle of the cell, `column * stride + (stride - 1) / 2`.
 */
export const nanodet: Family = {
  decoder: 'nanodet',
  title: 'NanoDet',
  task: 'detection',
  recognise,
  decode,
};

function recognise(facts: ModelFacts): Recognition | undefined {
  const { outputs, size } = facts;
  const cells = STRIDES.map((stride) => gridOf(size, stride).cells).slice(0, outputs.length / 2);
  if ((outputs.length !== 6 && outputs.length !== 8) || outputs.some(({ dims }) => dims.length !== 2)) {
    return undefined;
  }
  const widths = cells.map((count) => {
    const pair = outputs.filter((output) => hasDims(output, [count, undefined]));
    const distances =
      pair.find(({ dims, name }) => dims[1] === DISTANCES && !/cls/i.test(name)) ??
      pair.find(({ dims }) => dims[1] === DISTANCES);
    return pair.length === 2
      ? pair.find((output) => output !== distances && distances !== undefined)?.dims[1]
      : undefined;
  });
  const [labelCount] = widths;
  if (labelCount === undefined || widths.some((width) => width !== labelCount)) {
    return undefined;
  }
  return {
    certainty: 'fixed',
    reasons: [
      `${outputs.length} outputs in pairs for strides ${STRIDES.slice(0, cells.length).join(', ')}: ${labelCount} scores and ${DISTANCES} distances a cell`,
    ],
    labelCount,
    input: NANODET_INPUT,
    thresholds: { score: 0.35, nms: 0.6 },
  };
}

function decode(outputs: PictureOutputs, context: DecoderContext): Candidate[] {
  const { labels, input } = context;
  const found: Candidate[] = [];
  for (const stride of STRIDES.slice(0, outputs.length / 2)) {
    const grid = gridOf(input, stride);
    const pair = outputs.filter((output) => output.dims[0] === grid.cells);
    const distances = pair.find(
      ({ dims, name }) => dims.at(-1) === DISTANCES && !(labels.length === DISTANCES && /cls/i.test(name)),
    );
    const classes = pair.find((output) => output !== distances && output.dims.at(-1) === labels.length);
    const scores = classes === undefined ? undefined : rowsOf(classes, labels.length);
    const sides = distances === undefined ? undefined : rowsOf(distances, DISTANCES);
    if (scores === undefined || sides === undefined) {
      throw outputMismatch(`[${grid.cells},${labels.length}] and [${grid.cells},${DISTANCES}]`, outputs);
    }
    const middle = (stride - 1) / 2;
    for (let cell = 0; cell < grid.cells; cell += 1) {
      const x = (cell % grid.columns) * stride + middle;
      const y = Math.floor(cell / grid.columns) * stride + middle;
      pushCell(found, context, { scores, sides, cell, x, y, stride });
    }
  }
  return found;
}

interface Cell {
  readonly scores: Rows;
  readonly sides: Rows;
  readonly cell: number;
  readonly x: number;
  readonly y: number;
  readonly stride: number;
}

/** Decoding the distances of a cell costs 32 exponentials, so cells that nobody asks for are left out first. */
function pushCell(found: Candidate[], context: DecoderContext, { scores, sides, cell, x, y, stride }: Cell): void {
  const { floors, labels } = context;
  for (let label = 0; label < labels.length; label += 1) {
    if (scores.at(cell, label) >= (floors.floor[label] as number)) {
      const side = (index: number): number =>
        expectedDistance((bin) => sides.at(cell, index * (DISTANCES / 4) + bin), DISTANCES / 4) * stride;
      const box = boxBetween(x - side(0), y - side(1), x + side(2), y + side(3));
      pushLabels(found, box, context, (each) => scores.at(cell, each));
      return;
    }
  }
}
