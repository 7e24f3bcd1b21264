import type { Box } from '@edgeveil/contracts';
import { boxAround, type Size } from '../../boxes.ts';

/** Boxes that a detector starts from: at each cell of each stride one of each size, square, in pixels. */
export interface PriorRule {
  readonly strides: readonly number[];
  readonly sizes: readonly (readonly number[])[];
  /** How the number of cells is rounded where the stride does not divide the input. */
  readonly rounding: 'ceil' | 'floor';
  /** Whether cells are spread evenly over the input, and no prior is larger than it, as UltraFace makes them. */
  readonly isSpread?: boolean;
}

const ULTRAFACE_SIZES = [
  [10, 16, 24],
  [32, 48],
  [64, 96],
  [128, 192, 256],
] as const;

export const ULTRAFACE_PRIORS: PriorRule = {
  strides: [8, 16, 32, 64],
  sizes: ULTRAFACE_SIZES,
  rounding: 'ceil',
  isSpread: true,
};
export const LPD_PRIORS: PriorRule = { strides: [8, 16, 32, 64], sizes: ULTRAFACE_SIZES, rounding: 'floor' };
export const RETINAFACE_PRIORS: PriorRule = {
  strides: [8, 16, 32],
  sizes: [
    [16, 32],
    [64, 128],
    [256, 512],
  ],
  rounding: 'ceil',
};
export const RETINA_PLATE_PRIORS: PriorRule = {
  strides: [8, 16, 32],
  sizes: [
    [24, 48],
    [96, 192],
    [384, 768],
  ],
  rounding: 'ceil',
};

/** How much of a prior an offset of 1 moves, and how much an offset of 1 grows it. */
const CENTRE_VARIANCE = 0.1;
const SIZE_VARIANCE = 0.2;

export interface Priors {
  readonly count: number;
  /** Box of four offsets, in input pixels. */
  box(prior: number, x: number, y: number, width: number, height: number): Box;
  /** Point of two offsets, in input pixels. */
  point(prior: number, x: number, y: number): readonly [number, number];
}

/** Number of priors of an input. */
export function countPriors(rule: PriorRule, input: Size): number {
  return rule.strides.reduce((sum, stride, map) => {
    const { columns, rows } = cellsOf(rule, input, stride);
    return sum + columns * rows * (rule.sizes[map]?.length ?? 0);
  }, 0);
}

/** The priors of an input: map by map, row by row, cell by cell, size by size. */
export function makePriors(rule: PriorRule, input: Size): Priors {
  const { width, height } = input;
  const count = countPriors(rule, input);
  const values = new Float32Array(count * 4);
  let place = 0;
  rule.strides.forEach((stride, map) => {
    const { columns, rows } = cellsOf(rule, input, stride);
    const [stepX, stepY] = rule.isSpread ? [width / columns, height / rows] : [stride, stride];
    for (let cell = 0; cell < columns * rows; cell += 1) {
      for (const size of rule.sizes[map] ?? []) {
        const x = ((cell % columns) + 0.5) * stepX;
        const y = (Math.floor(cell / columns) + 0.5) * stepY;
        values.set([x, y, ...(rule.isSpread ? [Math.min(size, width), Math.min(size, height)] : [size, size])], place);
        place += 4;
      }
    }
  });
  const at = (prior: number, value: number): number => values[prior * 4 + value] as number;
  const point: Priors['point'] = (prior, x, y) => [
    at(prior, 0) + x * CENTRE_VARIANCE * at(prior, 2),
    at(prior, 1) + y * CENTRE_VARIANCE * at(prior, 3),
  ];
  return {
    count,
    point,
    box: (prior, x, y, wider, higher) =>
      boxAround(
        ...point(prior, x, y),
        at(prior, 2) * Math.exp(wider * SIZE_VARIANCE),
        at(prior, 3) * Math.exp(higher * SIZE_VARIANCE),
      ),
  };
}

function cellsOf(
  { rounding }: PriorRule,
  input: Size,
  stride: number,
): { readonly columns: number; readonly rows: number } {
  return { columns: Math[rounding](input.width / stride), rows: Math[rounding](input.height / stride) };
}
