import { outputMismatch, type PictureOutputs } from '../../decoders/picture-outputs.ts';
import type { ModelFacts } from '../../recognition/model-facts.ts';
import { outputText } from '../../recognition/table-facts.ts';
import type { Family, Recognition } from '../family.ts';
import { inputAssumption, pictureInput } from './picture-input.ts';
import { embeddingReason, vectorLength } from './vector-output.ts';

/** Numbers that are alike for pictures of the same thing: persons, faces, anything. Compare by cosine. */
export const embedding: Family = {
  decoder: 'embedding',
  title: 'Embedding',
  task: 'embedding',
  recognise,
  decode: () => [],
  embed: (outputs) => {
    const found = findEmbedding(outputs);
    if (found === undefined) {
      throw outputMismatch('one list of numbers', outputs);
    }
    return found;
  },
};

function recognise(facts: ModelFacts): Recognition | undefined {
  const [output, ...more] = facts.outputs;
  const reason = output === undefined ? undefined : embeddingReason(output, facts);
  if (output === undefined || more.length > 0 || reason === undefined) {
    return undefined;
  }
  const guess = pictureInput(facts, undefined);
  return {
    certainty: /named/.test(reason) ? 'fixed' : 'shapes',
    reasons: [`${outputText(output)}: ${vectorLength(output)} numbers a picture`, reason, guess.reason],
    labelCount: 0,
    labels: [],
    input: guess.input,
    thresholds: { score: 0.5, nms: 1 },
    assumed: [
      ...(/without labels/.test(reason)
        ? [
            `decoder: ${vectorLength(output)} features, or a classification of as many classes; put labels.txt for classes`,
          ]
        : []),
      ...inputAssumption(guess),
    ],
  };
}

/** The features among the outputs: the one that is named so, else the longest list. */
export function findEmbedding(outputs: PictureOutputs): Float32Array | undefined {
  const vectors = outputs.filter((output) => vectorLength(output) !== undefined);
  const named = vectors.find(({ name }) => /embed|feat/i.test(name));
  return (named ?? vectors.toSorted((a, b) => b.data.length - a.data.length)[0])?.data;
}
