import type { Candidate } from '../../decoders/candidate.ts';
import type { DecoderContext } from '../../decoders/decoder-context.ts';

/** One character that was read, with the share that the network gives it. */
export interface ReadCharacter {
  readonly character: string;
  readonly share: number;
}

/** The text with the mean of its characters' shares, as PaddleOCR and fast-plate-ocr say how sure they are. Nothing for no text. */
export function reading(characters: readonly ReadCharacter[], { floors, input }: DecoderContext): Candidate[] {
  const label = characters
    .map(({ character }) => character)
    .join('')
    .trim();
  const sum = characters.reduce((total, { share }) => total + share, 0);
  const score = Math.min(1, sum / characters.length);
  return label === '' || !(score >= floors.common) ? [] : [{ label, score, box: [0, 0, input.width, input.height] }];
}

/** Steps along a line as CTC has them: runs of the same class are one character, and what is no character of the alphabet, the blank, none. */
export function collapseRuns(
  steps: Iterable<{ readonly index: number; readonly share: number }>,
  labelOf: (index: number) => string | undefined,
): ReadCharacter[] {
  const characters: ReadCharacter[] = [];
  let before: number | undefined;
  for (const { index, share } of steps) {
    const label = labelOf(index);
    if (label !== undefined && index !== before) {
      characters.push({ character: characterOf(label), share });
    }
    before = index;
  }
  return characters;
}

/** A label of an alphabet as it is written. Labels differ from each other, so of two spaces the second has a number behind it. */
export function characterOf(label: string): string {
  return label.startsWith(' ') ? ' ' : label;
}
