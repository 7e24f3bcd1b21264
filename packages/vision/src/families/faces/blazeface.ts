import { boxAround } from '../../boxes.ts';
import { type Candidate, pushCandidate } from '../../decoders/candidate.ts';
import type { DecoderContext } from '../../decoders/decoder-context.ts';
import { sigmoid } from '../../decoders/distribution.ts';
import { outputMismatch, type PictureOutputs, rowsOf } from '../../decoders/picture-outputs.ts';
import type { ModelFacts } from '../../recognition/model-facts.ts';
import { outputText, tableFacts } from '../../recognition/table-facts.ts';
import type { Family, Recognition } from '../family.ts';
import { centred } from '../input-rules.ts';

/** 16x16 cells with 2 anchors, then 8x8 with 6. */
const ANCHORS = 896;
const FINE = 16 * 16 * 2;

/** BlazeFace (MediaPipe, short range): `[896, 16]` box and six points in pixels from the anchor, `[896, 1]` logits. */
export const blazeface: Family = {
  decoder: 'blazeface',
  title: 'BlazeFace',
  task: 'detection',
  recognise,
  decode,
};

function recognise(facts: ModelFacts): Recognition | undefined {
  const tables = facts.outputs.map((output) => tableFacts(output, (count) => count === ANCHORS));
  const isWhole =
    tables.length === 2 &&
    tables.every((table) => table?.count === ANCHORS) &&
    tables
      .map((table) => table?.width)
      .toSorted((a, b) => (a ?? 0) - (b ?? 0))
      .join() === '1,16';
  if (!isWhole) {
    return undefined;
  }
  return {
    certainty: 'fixed',
    reasons: [`${facts.outputs.map(outputText).join(', ')}: 16 values and a logit for each of 896 anchors`],
    labelCount: 1,
    labels: ['face'],
    input: { ...centred('rgb', 127.5, 127.5), resize: 'letterbox' },
    thresholds: { score: 0.6, nms: 0.3 },
  };
}

function decode(outputs: PictureOutputs, context: DecoderContext): Candidate[] {
  const { width, height } = context.input;
  const boxes = outputs.map((output) => rowsOf(output, 16)).find((rows) => rows !== undefined);
  const logits = outputs.map((output) => rowsOf(output, 1)).find((rows) => rows?.count === ANCHORS);
  if (boxes?.count !== ANCHORS || logits === undefined) {
    throw outputMismatch('[896,16] and [896,1]', outputs);
  }
  const found: Candidate[] = [];
  for (let anchor = 0; anchor < ANCHORS; anchor += 1) {
    const score = sigmoid(logits.at(anchor, 0));
    if (score >= context.floors.lowest) {
      const side = anchor < FINE ? 16 : 8;
      const cell = anchor < FINE ? Math.floor(anchor / 2) : Math.floor((anchor - FINE) / 6);
      const x = (((cell % side) + 0.5) / side) * width;
      const y = ((Math.floor(cell / side) + 0.5) / side) * height;
      const at = (value: number): number => boxes.at(anchor, value);
      pushCandidate(found, boxAround(x + at(0), y + at(1), at(2), at(3)), context, 0, score);
    }
  }
  return found;
}
