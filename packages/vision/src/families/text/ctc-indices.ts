import { outputMismatch } from '../../decoders/picture-outputs.ts';
import type { ModelFacts, OutputFacts } from '../../recognition/model-facts.ts';
import { outputText } from '../../recognition/table-facts.ts';
import type { Family } from '../family.ts';
import { RGB_UNIT_STRETCH } from '../input-rules.ts';
import { givenAlphabets, US_PLATE } from './alphabets.ts';
import { MIN_STEPS } from './ctc.ts';
import { collapseRuns, reading } from './reading.ts';
import { longDims } from './step-table.ts';
import { takesLine } from './text-line.ts';

/** LPRNet of NVIDIA TAO: the graph itself takes the best class of each step, and gives its number and its share. The blank is the last. */
export const ctcIndices: Family = {
  decoder: 'ctc-indices',
  title: 'Text by CTC, best classes chosen in the graph: LPRNet of NVIDIA TAO',
  task: 'text',
  recognise: (facts) => {
    const found = takesLine(facts) ? findOutputs(facts) : undefined;
    if (found === undefined) {
      return undefined;
    }
    const [given] = givenAlphabets(facts, undefined);
    return {
      certainty: 'fixed',
      reasons: [
        `${outputText(found.classes)}: the best class of each step; ${outputText(found.shares)}: how sure it is`,
        given?.reason ?? `no list of characters: those of plates of the United States, ${US_PLATE.join('')}`,
      ],
      labelCount: undefined,
      labels: given?.characters ?? US_PLATE,
      input: RGB_UNIT_STRETCH,
      thresholds: { score: 0.5, nms: 1 },
      ...(given === undefined ? { assumed: ['labels: put labels.txt beside the model, one character a line'] } : {}),
    };
  },
  decode: (outputs, context) => {
    const { labels } = context;
    // Shares may all be one, so only that numbers of classes go higher tells the two apart.
    const [classes, shares] = outputs.toSorted((a, b) => highest(b.data) - highest(a.data));
    if (shares === undefined || classes === undefined || shares.data.length !== classes.data.length) {
      throw outputMismatch('[steps] of classes and [steps] of shares', outputs);
    }
    const steps = Array.from(classes.data, (index, step) => ({ index, share: shares.data[step] ?? 0 }));
    const characters = collapseRuns(steps, (index) => labels[index]);
    return reading(characters, context);
  },
};

function highest(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
}

function findOutputs({ outputs }: ModelFacts): { classes: OutputFacts; shares: OutputFacts } | undefined {
  const classes = outputs.find(({ type }) => type.startsWith('int'));
  const shares = outputs.find(({ type }) => type.startsWith('float'));
  if (classes === undefined || shares === undefined || outputs.length !== 2) {
    return undefined;
  }
  const [steps, ...more] = longDims(classes.dims);
  const isSame = longDims(shares.dims).join() === longDims(classes.dims).join();
  return more.length === 0 && isSame && (steps ?? MIN_STEPS) >= MIN_STEPS ? { classes, shares } : undefined;
}
