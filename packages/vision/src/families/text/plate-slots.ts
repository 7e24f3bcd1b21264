import { outputMismatch } from '../../decoders/picture-outputs.ts';
import type { ModelFacts, OutputFacts } from '../../recognition/model-facts.ts';
import { outputText } from '../../recognition/table-facts.ts';
import type { Family } from '../family.ts';
import { type Alphabet, givenAlphabets, PLATE_WITH_EMPTY } from './alphabets.ts';
import { MIN_STEPS } from './ctc.ts';
import { characterOf, type ReadCharacter, reading } from './reading.ts';
import { longDims, stepTable } from './step-table.ts';
import { PLATE_INPUT, takesLine } from './text-line.ts';

const MIN_PLACES = 4;

/** Networks that say for each place of a plate which character it holds, the last of the alphabet standing for none. */
export const plateSlots: Family = {
  decoder: 'plate-slots',
  title: 'Text, place by place: fast-plate-ocr',
  task: 'text',
  recognise: (facts) => {
    const found = takesLine(facts) ? findPlaces(facts) : undefined;
    if (found === undefined) {
      return undefined;
    }
    const { output, places, alphabet } = found;
    return {
      certainty: 'fixed',
      reasons: [
        `${outputText(output)}: ${places} places of ${alphabet.characters.length} characters, the last for an empty one`,
        alphabet.reason,
        PLATE_INPUT.reason,
      ],
      labelCount: alphabet.characters.length,
      labels: alphabet.characters,
      input: PLATE_INPUT.input,
      thresholds: { score: 0.5, nms: 1 },
      outputs: [output.name],
    };
  },
  decode: (outputs, context) => {
    const { labels } = context;
    const [table] = outputs.flatMap((output) => stepTable(output, labels.length) ?? []);
    if (table === undefined) {
      throw outputMismatch(`[places,${labels.length}]`, outputs);
    }
    const characters: ReadCharacter[] = [];
    for (let place = 0; place < table.steps; place += 1) {
      const { index, share } = table.bestOf(place);
      if (index < labels.length - 1) {
        characters.push({ character: characterOf(labels[index] ?? ''), share });
      }
    }
    return reading(characters, context);
  },
};

interface Places {
  readonly output: OutputFacts;
  readonly places: number;
  readonly alphabet: Alphabet;
}

/** Beside the plate a network may say what region it is of: that is not read. */
function findPlaces(facts: ModelFacts): Places | undefined {
  const usual = { characters: PLATE_WITH_EMPTY, reason: `characters of fast-plate-ocr: ${PLATE_WITH_EMPTY.join('')}` };
  const found = facts.outputs
    .filter(({ type }) => type.startsWith('float'))
    .flatMap((output) =>
      [...givenAlphabets(facts, undefined), usual].flatMap((alphabet) => {
        const places = placesIn(output, alphabet.characters.length);
        return places === undefined ? [] : [{ output, places, alphabet }];
      }),
    );
  return found[0];
}

function placesIn({ dims }: OutputFacts, characters: number): number | undefined {
  const [first, second, ...more] = longDims(dims);
  if (first === undefined || more.length > 0) {
    return undefined;
  }
  const places = second === undefined ? first / characters : second === characters ? first : Number.NaN;
  return Number.isInteger(places) && places >= MIN_PLACES && places < MIN_STEPS ? places : undefined;
}
