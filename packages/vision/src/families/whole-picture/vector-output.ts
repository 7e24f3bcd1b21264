import type { ModelFacts, OutputFacts } from '../../recognition/model-facts.ts';

/** Whether an output is one list of numbers a picture: `[1000]`, `[1000, 1, 1]`. */
export function vectorLength({ dims }: Pick<OutputFacts, 'dims'>): number | undefined {
  const long = dims.filter((dim) => dim !== 1);
  return long.length === 1 ? long[0] : undefined;
}

const EMBEDDING_NAMES = /embed|feat|descriptor|reid|re_id|vector|arcface/i;
/** Lengths that networks end in before a classifier is put on them. */
const EMBEDDING_LENGTHS = new Set([64, 96, 128, 192, 256, 384, 512, 768, 1024, 1280, 1536, 2048]);

/** Why a vector is taken for an embedding rather than for class scores; `undefined` when it is not. */
export function embeddingReason(output: OutputFacts, facts: ModelFacts): string | undefined {
  const length = vectorLength(output);
  if (
    length === undefined ||
    facts.names?.length === length ||
    facts.labelFiles.some(({ labels }) => labels.length === length)
  ) {
    return undefined;
  }
  if (areProbabilities(output)) {
    return undefined;
  }
  if (EMBEDDING_NAMES.test(output.name) || (EMBEDDING_NAMES.test(facts.fileName) && facts.outputs.length === 1)) {
    return `${EMBEDDING_NAMES.test(output.name) ? `output ${output.name}` : 'the file'} is named like an embedding`;
  }
  if (output.madeBy.some((operator) => operator === 'LpNormalization' || operator === 'Div')) {
    return 'its values are divided by their length at the end';
  }
  return EMBEDDING_LENGTHS.has(length) && facts.outputs.length === 1
    ? `${length} values without a softmax and without labels for them`
    : undefined;
}

/** Whether the values are final class scores: by the operator that makes them, or because they sum up to one. */
export function areProbabilities({ madeBy, sample }: OutputFacts): boolean {
  if (madeBy.includes('Softmax') || (madeBy.length === 1 && madeBy[0] === 'Sigmoid')) {
    return true;
  }
  return sample !== undefined && sample.length > 1 && isDistribution(sample);
}

/** Half precision sums a thousand shares to within a hundredth. */
export function isDistribution(values: Float32Array): boolean {
  const sum = values.reduce((total, value) => total + value, 0);
  return Math.abs(sum - 1) < 0.02 && values.every((value) => value >= 0);
}
