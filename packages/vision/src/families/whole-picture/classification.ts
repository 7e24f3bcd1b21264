import { type Candidate, pushLabels } from '../../decoders/candidate.ts';
import type { DecoderContext } from '../../decoders/decoder-context.ts';
import { outputMismatch, type PictureOutputs } from '../../decoders/picture-outputs.ts';
import type { ModelFacts } from '../../recognition/model-facts.ts';
import { outputText } from '../../recognition/table-facts.ts';
import type { Family, Recognition } from '../family.ts';
import { findEmbedding } from './embedding.ts';
import { inputAssumption, pictureInput } from './picture-input.ts';
import { areProbabilities, embeddingReason, isDistribution, vectorLength } from './vector-output.ts';

/**
 * One score a class for the whole picture. The best label is reported with the picture's own box, and each label with a
 * threshold of its own that reaches it. Logits are brought to shares by a softmax; scores between 0 and 1 are taken as they are.
 */
export const classification: Family = {
  decoder: 'classification',
  title: 'Classification',
  task: 'classification',
  recognise,
  decode,
  // A network may give its features beside the classes.
  embed: (outputs, context) => findEmbedding(outputs.filter(({ data }) => data.length !== context.labels.length)),
};

function recognise(facts: ModelFacts): Recognition | undefined {
  const vectors = facts.outputs.filter((output) => (vectorLength(output) ?? 0) >= 2);
  const classes = vectors.filter((output) => embeddingReason(output, facts) === undefined);
  const [output, ...more] = classes;
  if (output === undefined || more.length > 0 || vectors.length !== facts.outputs.length) {
    return undefined;
  }
  const labelCount = vectorLength(output);
  const isFinal = areProbabilities(output);
  const guess = pictureInput(facts, labelCount);
  const isNamed = facts.names?.length === labelCount || facts.metadata.task === 'classify';
  return {
    certainty: isNamed || isFinal ? 'fixed' : 'shapes',
    reasons: [
      `${outputText(output)}: one number a class, ${isFinal ? 'shares that sum up to one or come from a softmax' : 'no shares yet'}`,
      guess.reason,
    ],
    labelCount,
    input: guess.input,
    thresholds: { score: 0.1, nms: 1 },
    assumed: inputAssumption(guess),
  };
}

function decode(outputs: PictureOutputs, context: DecoderContext): Candidate[] {
  const { labels, input } = context;
  const scores = outputs.find(({ data, name }) => data.length === labels.length && !/embed/i.test(name))?.data;
  if (scores === undefined) {
    throw outputMismatch(`[${labels.length}]`, outputs);
  }
  const shares = toShares(scores);
  const found: Candidate[] = [];
  pushLabels(found, [0, 0, input.width, input.height], context, (label) => shares[label] as number);
  return found;
}

function toShares(values: Float32Array): Float32Array {
  if (isDistribution(values) || values.every((value) => value >= 0 && value <= 1)) {
    return values;
  }
  const highest = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const powers = values.map((value) => Math.exp(value - highest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
