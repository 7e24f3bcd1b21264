import { type Candidate, pushChosen } from '../../decoders/candidate.ts';
import type { DecoderContext } from '../../decoders/decoder-context.ts';
import { outputMismatch, type PictureOutputs } from '../../decoders/picture-outputs.ts';
import type { ModelFacts } from '../../recognition/model-facts.ts';
import { outputText } from '../../recognition/table-facts.ts';
import type { Family, Recognition } from '../family.ts';
import { inputAssumption, pictureInput } from './picture-input.ts';

/**
 * Classifiers that give the name of the class as text, and its scores as a map that the runtime cannot give (Custom Vision until
 * 2019, scikit-learn, Core ML). The label is reported with score 1, because nothing is known of how sure the model is.
 */
export const classLabel: Family = {
  decoder: 'class-label',
  title: 'Classification that names the class (classLabel)',
  task: 'classification',
  recognise,
  decode,
};

function recognise(facts: ModelFacts): Recognition | undefined {
  const [output, ...more] = facts.outputs;
  if (output?.type !== 'string' || more.length > 0) {
    return undefined;
  }
  const guess = pictureInput(facts, undefined);
  const { names } = facts;
  return {
    certainty: 'fixed',
    reasons: [
      `${outputText(output)}: the name of the class as text; its score is not to be had`,
      ...(facts.graphLabels.length === 0 ? [] : [`the graph itself names ${facts.graphLabels.join(', ')}`]),
      guess.reason,
    ],
    labelCount: names?.length,
    ...(names === undefined ? {} : { labels: names }),
    input: guess.input,
    thresholds: { score: 0.1, nms: 1 },
    assumed: inputAssumption(guess),
  };
}

function decode(outputs: PictureOutputs, context: DecoderContext): Candidate[] {
  const text = outputs.find(({ texts }) => texts !== undefined)?.texts?.[0];
  if (text === undefined) {
    throw outputMismatch('a text', outputs);
  }
  const { labels, input } = context;
  const found: Candidate[] = [];
  const label = labels.indexOf(text);
  if (label === -1) {
    // Not among the labels that were given: what the model says is still what it says.
    return [{ label: text, score: 1, box: [0, 0, input.width, input.height] }];
  }
  pushChosen(found, [0, 0, input.width, input.height], context, label, 1);
  return found;
}
