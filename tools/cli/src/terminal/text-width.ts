import { stripVTControlCharacters } from 'node:util';

// East Asian wide characters and emoji (Unicode TR 11, as far as terminals agree on it).
const WIDE =
  /^(?:[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}])/u;
const ASCII = /^[\x20-\x7e]*$/;

let segmenter: Intl.Segmenter | undefined;

/** How many columns of a terminal a text takes; colours take none. */
export function textWidth(text: string): number {
  const visible = stripVTControlCharacters(text);
  if (ASCII.test(visible)) return visible.length;
  let width = 0;
  for (const character of charactersOf(visible)) width += WIDE.test(character) ? 2 : 1;
  return width;
}

/** Cuts a text without colours to a number of columns; its last character then tells that it was cut. */
export function shortened(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  let kept = '';
  let width = 0;
  for (const character of charactersOf(text)) {
    width += WIDE.test(character) ? 2 : 1;
    if (width >= columns) break;
    kept += character;
  }
  return `${kept}…`;
}

/** What a reader takes for one character: an emoji with its colour of skin is one. */
function* charactersOf(text: string): Iterable<string> {
  segmenter ??= new Intl.Segmenter();
  for (const { segment } of segmenter.segment(text)) yield segment;
}
