import { boxBetween } from '../../boxes.ts';
import { type Candidate, pushCandidate } from '../../decoders/candidate.ts';
import type { DecoderContext } from '../../decoders/decoder-context.ts';
import { outputMismatch, type PictureOutputs } from '../../decoders/picture-outputs.ts';
import type { ModelFacts } from '../../recognition/model-facts.ts';
import { outputText } from '../../recognition/table-facts.ts';
import type { Family, Recognition } from '../family.ts';
import { RGB_RAW_STRETCH } from '../input-rules.ts';

const STRIDE = 4;
const CHANNELS = [1, 2, 2, 10] as const;

/**
 * CenterFace: four maps of stride 4: scores, the logarithm of height and width, offsets of y and x, landmarks. Where the batch
 * dimension has taken the one channel of the scores with it, they have two dimensions.
 */
export const centerface: Family = {
  decoder: 'centerface',
  title: 'CenterFace',
  task: 'detection',
  recognise,
  decode,
};

function recognise(facts: ModelFacts): Recognition | undefined {
  const channels = facts.outputs.map(({ dims }) => dims[0]).toSorted((a, b) => (a ?? 0) - (b ?? 0));
  const isStride = facts.outputs.every(
    ({ dims }) => dims.length === 3 && (dims[2] === undefined || dims[2] * STRIDE === facts.size.width),
  );
  if (channels.join() !== CHANNELS.join() || !isStride) {
    return undefined;
  }
  return {
    certainty: 'fixed',
    reasons: [`${facts.outputs.map(outputText).join(', ')}: maps of stride 4 for scores, sizes, offsets and landmarks`],
    labelCount: 1,
    labels: ['face'],
    input: RGB_RAW_STRETCH,
    thresholds: { score: 0.5, nms: 0.3 },
  };
}

function decode(outputs: PictureOutputs, context: DecoderContext): Candidate[] {
  const columns = Math.floor(context.input.width / STRIDE);
  const cells = columns * Math.floor(context.input.height / STRIDE);
  const scores = outputs.find(({ data }) => data.length === cells)?.data;
  // Sizes come before offsets, as the model lists them.
  const [sizes, offsets] = outputs.filter(({ data }) => data.length === 2 * cells).map(({ data }) => data);
  if (scores === undefined || sizes === undefined || offsets === undefined) {
    throw outputMismatch('maps of 1, 2, 2 and 10 channels with stride 4', outputs);
  }
  const found: Candidate[] = [];
  for (let cell = 0; cell < cells; cell += 1) {
    const score = scores[cell] as number;
    if (score >= context.floors.lowest) {
      const at = (map: Float32Array, channel: number): number => map[channel * cells + cell] as number;
      const height = Math.exp(at(sizes, 0)) * STRIDE;
      const width = Math.exp(at(sizes, 1)) * STRIDE;
      const left = ((cell % columns) + at(offsets, 1) + 0.5) * STRIDE - width / 2;
      const top = (Math.floor(cell / columns) + at(offsets, 0) + 0.5) * STRIDE - height / 2;
      pushCandidate(found, boxBetween(left, top, left + width, top + height), context, 0, score);
    }
  }
  return found;
}
