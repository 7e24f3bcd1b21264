import { boxBetween } from '../../boxes.ts';
import { type Candidate, pushChosen } from '../../decoders/candidate.ts';
import type { DecoderContext } from '../../decoders/decoder-context.ts';
import { outputMismatch, type PictureOutputs, rowsOf } from '../../decoders/picture-outputs.ts';
import { isGridCount } from '../../grid.ts';
import type { ModelFacts } from '../../recognition/model-facts.ts';
import { outputText } from '../../recognition/table-facts.ts';
import type { Family, Recognition } from '../family.ts';
import { RGB_UNIT_LETTERBOX } from '../input-rules.ts';

const BOX_VALUES = 6;
/** More rows than this are no list of finds but a head before its selection. */
const MAX_ROWS = 1000;

/**
 * End-to-end YOLO (v10, 26): `[rows, 6 + others]`: left, top, right, bottom in input pixels, score, class. Best first, filled
 * up with zeros. The others are coefficients of masks or keypoints, which are not used.
 */
export const endToEnd: Family = {
  decoder: 'end-to-end',
  title: 'YOLOv10, YOLO26 and other end-to-end exports',
  task: 'detection',
  recognise,
  decode,
};

function recognise(facts: ModelFacts): Recognition | undefined {
  const output = facts.outputs.find(({ dims }) => dims.length === 2 || (dims.length === 1 && dims[0] === BOX_VALUES));
  const [rows, width] = output?.dims.length === 1 ? [1, BOX_VALUES] : (output?.dims ?? []);
  const protos = facts.outputs.find(({ dims }) => dims.length === 3)?.dims[0];
  if (output === undefined || width === undefined || facts.outputs.length > (protos === undefined ? 1 : 2)) {
    return undefined;
  }
  const isPose = facts.metadata.task === 'pose' && width > BOX_VALUES;
  const isWidth = width === BOX_VALUES || (protos !== undefined && width === BOX_VALUES + protos) || isPose;
  const isGrid = rows !== undefined && (isGridCount(facts.size, rows) || isGridCount(facts.size, rows, 3));
  if (!isWidth || isGrid || (rows ?? 0) > MAX_ROWS) {
    return undefined;
  }
  return {
    certainty: rows === undefined ? 'shapes' : 'fixed',
    reasons: [
      `${outputText(output)}: a list of left, top, right, bottom, score and class`,
      ...(rows === undefined ? [] : [`${rows} rows are no grid of cells at ${facts.size.width}x${facts.size.height}`]),
    ],
    labelCount: undefined,
    input: RGB_UNIT_LETTERBOX,
    thresholds: { score: 0.25, nms: 1 },
    outputs: [output.name],
  };
}

function decode(outputs: PictureOutputs, context: DecoderContext): Candidate[] {
  const rows = outputs
    .map((output) =>
      output.dims.length > 2 && output.dims[0] !== 1 ? undefined : rowsOf(output, output.dims.at(-1) ?? 0),
    )
    .find((each) => each !== undefined && each.width >= BOX_VALUES);
  if (rows === undefined) {
    throw outputMismatch('[rows,6]', outputs);
  }
  const found: Candidate[] = [];
  for (let row = 0; row < rows.count; row += 1) {
    const at = (column: number): number => rows.at(row, column);
    pushChosen(found, boxBetween(at(0), at(1), at(2), at(3)), context, at(5), at(4));
  }
  return found;
}
