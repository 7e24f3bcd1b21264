import type { Box } from '@edgeveil/contracts';
import { type Candidate, pushChosen } from '../../decoders/candidate.ts';
import type { DecoderContext } from '../../decoders/decoder-context.ts';
import type { FloatTensor } from '../../decoders/output-tensor.ts';
import { outputMismatch, type PictureOutputs } from '../../decoders/picture-outputs.ts';
import type { OutputFacts } from '../../recognition/model-facts.ts';

/** What the outputs of a model that has selected its finds itself are, by name. */
export interface SelectedNames {
  readonly boxes: RegExp;
  readonly classes: RegExp;
  readonly scores: RegExp;
  /** How many of the rows are finds. */
  readonly count?: RegExp;
}

/** How they are written. */
export interface SelectedRule {
  readonly names: SelectedNames;
  /** Number of the first class. */
  readonly firstClass: number;
  /** Box of four values, in input pixels. */
  readonly box: (values: readonly [number, number, number, number], context: DecoderContext, isUnit: boolean) => Box;
}

export interface SelectedOutputs<T> {
  readonly boxes: T;
  readonly classes: T;
  readonly scores: T;
  readonly count: T | undefined;
}

type Named = Pick<OutputFacts, 'name' | 'dims'> | Pick<FloatTensor, 'name' | 'dims'>;

/** The outputs by their names, whatever their order; `undefined` when one is missing or boxes have not four values. */
export function findSelected<T extends Named>(
  outputs: readonly T[],
  names: SelectedNames,
): SelectedOutputs<T> | undefined {
  const named = (pattern: RegExp): T | undefined => outputs.find(({ name }) => pattern.test(name));
  const boxes = named(names.boxes);
  const scores = named(names.scores);
  const classes = outputs.find((output) => output !== boxes && output !== scores && names.classes.test(output.name));
  const count = names.count === undefined ? undefined : named(names.count);
  const isBoxes =
    boxes !== undefined && (boxes.dims.length === 0 || boxes.dims.at(-1) === 4 || boxes.dims.at(-1) === undefined);
  return isBoxes && classes !== undefined && scores !== undefined ? { boxes, classes, scores, count } : undefined;
}

/** Decodes boxes, classes and scores that belong together by their place. */
export function decodeSelected(outputs: PictureOutputs, context: DecoderContext, rule: SelectedRule): Candidate[] {
  const selected = findSelected(outputs, rule.names);
  if (selected === undefined) {
    throw outputMismatch('boxes [rows,4], classes [rows] and scores [rows]', outputs);
  }
  const boxes = selected.boxes.data;
  const classes = selected.classes.data;
  const scores = selected.scores.data;
  const count = selected.count?.data[0];
  const rows = Math.min(scores.length, classes.length, boxes.length / 4, count ?? Number.POSITIVE_INFINITY);
  const isUnit = areUnit(boxes, rows);
  const found: Candidate[] = [];
  for (let row = 0; row < rows; row += 1) {
    const value = (index: number): number => boxes[row * 4 + index] as number;
    const box = rule.box([value(0), value(1), value(2), value(3)], context, isUnit);
    pushChosen(found, box, context, Math.round(classes[row] as number) - rule.firstClass, scores[row] as number);
  }
  return found;
}

/** Whether boxes are shares of the picture: none reaches beyond it by more than half. In pixels that would be a single one. */
function areUnit(boxes: Float32Array, rows: number): boolean {
  for (let place = 0; place < rows * 4; place += 1) {
    if ((boxes[place] as number) > 1.5) {
      return false;
    }
  }
  return true;
}
