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

/** A label of an alphabet as it is written. Labels differ from each other, so of two spaces the second has a number behind it. */
export function characterOf(label: string): string {
  return label.startsWith(' ') ? ' ' : label;
}
