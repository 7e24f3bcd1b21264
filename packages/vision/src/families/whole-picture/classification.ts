import { type Candidate, pushLabels } from '../../decoders/candidate.ts';
import type { DecoderContext } from '../../decoders/decoder-context.ts';
import { outputMismatch, type PictureOutputs } from '../../decoders/picture-outputs.ts';
import type { ModelFacts, OutputFacts } from '../../recognition/model-facts.ts';
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
  // The number of the best class beside the scores says nothing new.
  const numbers = facts.outputs.filter((output) => output.type.startsWith('int') && isSingle(output));
  const classes = vectors.filter((output) => embeddingReason(output, facts) === undefined);
  const [output, ...more] = classes;
  if (isOneScore(facts)) {
    return oneScore(facts);
  }
  if (output === undefined || more.length > 0 || vectors.length + numbers.length !== facts.outputs.length) {
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
    outputs: vectors.map(({ name }) => name),
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

/** A single share, as a network that says yes or no gives it. */
function isOneScore({ outputs }: ModelFacts): boolean {
  const [output, ...more] = outputs;
  const value = output?.sample?.[0] ?? Number.NaN;
  return output !== undefined && more.length === 0 && isSingle(output) && value > 0 && value < 1;
}

function oneScore(facts: ModelFacts): Recognition {
  const guess = pictureInput(facts, 1);
  return {
    certainty: 'guess',
    reasons: [`${facts.outputs.map(outputText).join()}: one number between 0 and 1, taken for a score`, guess.reason],
    labelCount: 1,
    input: guess.input,
    thresholds: { score: 0.5, nms: 1 },
    assumed: ['decoder: the number is the score of one class; other numbers are not known', ...inputAssumption(guess)],
  };
}

function isSingle({ dims }: OutputFacts): boolean {
  return dims.every((dim) => dim === 1);
}

function toShares(values: Float32Array): Float32Array {
  if (isDistribution(values) || values.every((value) => value >= 0 && value <= 1)) {
    return values;
  }
  if (isQuantised(values)) {
    return values.map((value) => value / 256);
  }
  const highest = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const powers = values.map((value) => Math.exp(value - highest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/** A softmax as bytes: whole numbers that sum up to 256. Small ones of a thousand classes are rounded away. */
function isQuantised(values: Float32Array): boolean {
  const sum = values.reduce((total, value) => total + value, 0);
  return (
    sum > 192 && sum < 320 && values.every((value) => value >= 0 && value <= 255) && values.every(Number.isInteger)
  );
}
