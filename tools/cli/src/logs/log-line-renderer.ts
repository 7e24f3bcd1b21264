import type { ControlLogLine } from '@edgeveil/local-edge/control';
import type { CliContext } from '../cli-context.ts';
import { type Colour, type Paint, paintFor } from '../terminal/paint.ts';
import { plainText } from '../terminal/plain-text.ts';

// Neighbours in the deployment are told apart by colour.
const MODULE_COLOURS: readonly Colour[] = ['cyan', 'green', 'magenta', 'blue'];

/** Syslog's digit at the start of a line, as edgeAgent reads it. */
const LEVELS: readonly (Colour | undefined)[] = ['red', 'red', 'red', 'red', 'yellow', 'bold', undefined, 'dim'];

/** Puts the module's name before each of its lines, unless only one module was asked for, and the time where that is wanted. */
export class LogLineRenderer {
  readonly #paint: Paint;
  readonly #names: readonly string[];
  readonly #hasTimes: boolean;
  readonly #width: number;

  constructor(
    context: Pick<CliContext, 'isTerminal' | 'environment'>,
    { names, hasTimes }: { readonly names: readonly string[]; readonly hasTimes: boolean },
  ) {
    this.#paint = paintFor(context);
    this.#names = names;
    this.#hasTimes = hasTimes;
    this.#width = Math.max(0, ...names.map((name) => name.length));
  }

  render({ module, time, text }: ControlLogLine): string {
    const level = /^<(\d)>/.exec(text)?.[1];
    const colour = level === undefined ? undefined : LEVELS[Number(level)];
    const plain = plainText(text);
    const parts = [
      ...(this.#hasTimes ? [this.#paint('dim', time)] : []),
      ...(this.#names.length === 1 ? [] : [this.#paint(this.#colourOf(module), plainText(module).padEnd(this.#width))]),
      colour === undefined ? plain : this.#paint(colour, plain),
    ];
    return `${parts.join(' ')}\n`;
  }

  #colourOf(module: string): Colour {
    const index = Math.max(0, this.#names.indexOf(module));
    return MODULE_COLOURS[index % MODULE_COLOURS.length] ?? 'cyan';
  }
}
