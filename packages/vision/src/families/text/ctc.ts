import { outputMismatch } from '../../decoders/picture-outputs.ts';
import type { ModelFacts, OutputFacts } from '../../recognition/model-facts.ts';
import { outputText } from '../../recognition/table-facts.ts';
import type { Family, Recognition } from '../family.ts';
import { type Alphabet, givenAlphabets, usualAlphabet } from './alphabets.ts';
import { collapseRuns, reading } from './reading.ts';
import { longDims, stepTable } from './step-table.ts';
import { lineInput, lineSize, takesLine } from './text-line.ts';

/** Fewer steps are places of a plate, one character each. */
export const MIN_STEPS = 14;

/**
 * Networks that read a line of text step by step, for CTC: one class more than there are characters, the blank, which stands between equal
 * characters and wherever there is none. CRNN, PaddleOCR and SVTR have it first, LPRNet last.
 */
export const ctc = ctcFamily('ctc', 'first', 'Text by CTC: PaddleOCR, CRNN, SVTR');
export const ctcBlankLast = ctcFamily('ctc-blank-last', 'last', 'Text by CTC, the blank last: LPRNet');

type BlankPlace = 'first' | 'last';

function ctcFamily(decoder: string, place: BlankPlace, title: string): Family {
  return {
    decoder,
    title,
    task: 'text',
    recognise: (facts) => recognise(facts, place),
    decode: (outputs, context) => {
      const { labels } = context;
      const classes = labels.length + 1;
      const [table] = outputs.flatMap((output) => stepTable(output, classes) ?? []);
      if (table === undefined) {
        throw outputMismatch(`[steps,${classes}]`, outputs);
      }
      const steps = Array.from({ length: table.steps }, (_, step) => table.bestOf(step));
      const offset = place === 'first' ? 1 : 0;
      return reading(
        collapseRuns(steps, (index) => labels[index - offset]),
        context,
      );
    },
  };
}

function recognise(facts: ModelFacts, place: BlankPlace): Recognition | undefined {
  const table = takesLine(facts) ? findTable(facts) : undefined;
  if (table === undefined || blankPlace(table) !== place) {
    return undefined;
  }
  const { output, steps, alphabet } = table;
  const { input, reason } = lineInput(facts);
  return {
    certainty: 'fixed',
    reasons: [
      `${outputText(output)}: ${steps ?? 'any number of'} steps of ${table.classes} classes, a character each and a blank, which is the ${place}`,
      ...(alphabet === undefined ? [] : [alphabet.reason]),
      reason,
    ],
    labelCount: table.classes - 1,
    ...(alphabet === undefined ? {} : { labels: alphabet.characters }),
    input,
    size: lineSize(facts),
    thresholds: { score: 0.5, nms: 1 },
    assumed: [`input: ${reason}; a file does not show it, so compare with how it was trained`],
    outputs: [output.name],
  };
}

interface FoundTable {
  readonly output: OutputFacts;
  readonly steps: number | undefined;
  readonly classes: number;
  readonly isClassesFirst: boolean;
  readonly alphabet: Alphabet | undefined;
}

function findTable(facts: ModelFacts): FoundTable | undefined {
  const tables = facts.outputs.filter(({ type, dims }) => type.startsWith('float') && longDims(dims).length === 2);
  const [output, ...more] = tables;
  if (output === undefined || more.length > 0) {
    return undefined;
  }
  const [first, second] = longDims(output.dims);
  const ways = [
    { steps: first, classes: second, isClassesFirst: false },
    { steps: second, classes: first, isClassesFirst: true },
  ].flatMap(({ classes, ...way }) =>
    classes === undefined || (way.steps ?? MIN_STEPS) < MIN_STEPS || classes < 3
      ? []
      : [{ ...way, output, classes, alphabet: alphabetFor(facts, classes - 1) }],
  );
  // A list of characters of the right length shows which side the classes are; otherwise there are more of them than steps.
  return (
    ways.find(({ alphabet }) => alphabet !== undefined) ??
    ways.find(({ steps, classes }) => classes > (steps ?? 0)) ??
    ways[0]
  );
}

function alphabetFor(facts: ModelFacts, count: number): Alphabet | undefined {
  return givenAlphabets(facts, count)[0] ?? usualAlphabet(count);
}

/** An empty picture holds nothing but blanks; without one, LPRNet is the one with the classes first. */
function blankPlace({ output: { sample, dims }, classes, isClassesFirst }: FoundTable): BlankPlace {
  const usual = isClassesFirst ? 'last' : 'first';
  const seen = dims.flatMap((dim) => (dim === undefined ? [] : [dim]));
  const table = sample && stepTable({ name: '', dims: seen, data: sample }, classes);
  if (table === undefined) {
    return usual;
  }
  const best = Array.from({ length: table.steps }, (_, step) => table.bestOf(step).index);
  const [firsts, lasts] = [0, classes - 1].map((place) => best.filter((index) => index === place).length);
  return firsts === lasts ? usual : (firsts ?? 0) > (lasts ?? 0) ? 'first' : 'last';
}
