import type { CliContext } from '../cli-context.ts';

const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
} as const;

export type Colour = keyof typeof CODES;

/** Colours a text, or leaves it as it is where nobody would see the colour. */
export type Paint = (colour: Colour, text: string) => string;

/** Colours are for terminals whose user has not said no to them (no-color.org). */
export function paintFor({ isTerminal, environment }: Pick<CliContext, 'isTerminal' | 'environment'>): Paint {
  if (!isTerminal || (environment.NO_COLOR ?? '') !== '' || environment.TERM === 'dumb') return (_colour, text) => text;
  return (colour, text) => {
    const [on, off] = CODES[colour];
    return text === '' ? '' : `\u001b[${on}m${text}\u001b[${off}m`;
  };
}
