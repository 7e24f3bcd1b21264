import { distinct } from '../../recognition/label-sources.ts';
import type { ModelFacts } from '../../recognition/model-facts.ts';

const DIGITS = '0123456789';
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** Plates of the United States and Canada as NVIDIA's LPRNet knows them: no letter O. */
export const US_PLATE = Array.from(`${DIGITS}${LETTERS.replace('O', '')}`);
/** fast-plate-ocr; the last stands for an empty place. */
export const PLATE_WITH_EMPTY = Array.from(`${DIGITS}${LETTERS}_`);
/** CRNN as most train it, OpenCV's for one. */
const LOWER_CASE = Array.from(`${DIGITS}${LETTERS.toLowerCase()}`);
/** LPRNet for Chinese plates: provinces, digits, letters, and those two that only stand in special places. */
const CHINESE_PLATE = Array.from(
  `京沪津渝冀晋蒙辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川贵云藏陕甘青宁新${DIGITS}${LETTERS.replaceAll(/[IO]/g, '')}IO`,
);

/** Alphabets whose length alone tells them. */
const BY_LENGTH: ReadonlyMap<number, readonly string[]> = new Map(
  [LOWER_CASE, CHINESE_PLATE].map((alphabet) => [alphabet.length, alphabet]),
);

const BLANK = /^(?:blank|<blank>|\[blank\]|<blk>|ctcblank|\[CTCblank\])$/i;

export interface Alphabet {
  readonly characters: readonly string[];
  readonly reason: string;
}

/**
 * Lists of characters that come with the model: a line each, all in one line, or the `character` of RapidOCR's metadata. A list without the
 * spaces that PaddleOCR puts behind it gets them: `count` characters are wanted, `undefined` takes the lists as they are.
 */
export function givenAlphabets(facts: ModelFacts, count: number | undefined): Alphabet[] {
  const { metadata, names, labelFiles } = facts;
  const lists = [
    ...(metadata.character === undefined
      ? []
      : [{ lines: metadata.character.split('\n'), from: 'the character list of the metadata' }]),
    ...labelFiles.map(({ name, labels }) => ({ lines: labels, from: name })),
    ...(names === undefined ? [] : [{ lines: names, from: 'the metadata' }]),
  ];
  return lists.flatMap(({ lines, from }) =>
    [lines, ...(lines.length === 1 ? lines.map((line) => Array.from(line)) : [])].flatMap((list) => {
      const characters = list.filter((line) => !BLANK.test(line));
      const spaces = count === undefined ? 0 : count - characters.length;
      return characters.length < 2 || spaces < 0 || spaces > 2
        ? []
        : [
            {
              characters: distinct([...characters, ...Array.from({ length: spaces }, () => ' ')]),
              reason: `characters from ${from}, ${characters.length}${spaces === 0 ? '' : ' and the space'}`,
            },
          ];
    }),
  );
}

/** An alphabet that everybody who uses so many characters uses; `undefined` where there is none such. */
export function usualAlphabet(count: number): Alphabet | undefined {
  const characters = BY_LENGTH.get(count);
  return characters && { characters, reason: `${count} characters: ${characters.join('')}` };
}
