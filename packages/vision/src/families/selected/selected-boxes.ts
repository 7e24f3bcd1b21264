import type { Box } from '@edgeveil/contracts';
import { type Candidate, pushChosen } from '../../decoders/candidate.ts';
import type { DecoderContext } from '../../decoders/decoder-context.ts';
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

type Named = Pick<OutputFacts, 'name' | 'dims'> & { readonly data?: Float32Array; readonly sample?: Float32Array };

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
  return isBoxes(boxes) && classes !== undefined && scores !== undefined
    ? { boxes, classes, scores, count }
    : undefined;
}

/**
 * The outputs by their shapes, where names say nothing: rows of four, two lists of as many, and perhaps a single number. Of
 * the two lists the classes are the one of whole numbers.
 */
export function findUnnamed<T extends Named>(outputs: readonly T[]): SelectedOutputs<T> | undefined {
  const boxes = outputs.filter((output) => output.dims.length === 2 && isBoxes(output));
  const lists = outputs.filter(({ dims }) => dims.length === 1 && dims[0] === boxes[0]?.dims[0] && dims[0] !== 1);
  const singles = outputs.filter(({ dims }) => dims.length === 0 || (dims.length === 1 && dims[0] === 1));
  const [scores, classes] = lists.toSorted((a, b) => Number(isWhole(a)) - Number(isWhole(b)));
  const isAll = boxes.length === 1 && lists.length === 2 && singles.length === outputs.length - 3 && singles.length < 2;
  return isAll && boxes[0] !== undefined && scores !== undefined && classes !== undefined
    ? { boxes: boxes[0], classes, scores, count: singles[0] }
    : undefined;
}

function isBoxes<T extends Named>(output: T | undefined): output is T {
  return (
    output !== undefined && (output.dims.length === 0 || output.dims.at(-1) === 4 || output.dims.at(-1) === undefined)
  );
}

function isWhole({ data, sample }: Named): boolean {
  return (data ?? sample)?.every((value) => Number.isInteger(value)) === true;
}

/** Decodes boxes, classes and scores that belong together by their place. */
export function decodeSelected(outputs: PictureOutputs, context: DecoderContext, rule: SelectedRule): Candidate[] {
  const selected = findSelected(outputs, rule.names) ?? findUnnamed(outputs);
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
