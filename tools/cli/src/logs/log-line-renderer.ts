import type { ControlLogLine } from '@edgeveil/local-edge/control';
import type { CliContext } from '../cli-context.ts';
import { type Colour, type Paint, paintFor } from '../terminal/paint.ts';
import { plainText } from '../terminal/plain-text.ts';

// Told apart by colour, in the order in which the modules speak up.
const MODULE_COLOURS: readonly Colour[] = ['cyan', 'green', 'magenta', 'blue'];

/** Syslog's digit at the start of a line, as edgeAgent reads it. */
const LEVELS: readonly (Colour | undefined)[] = ['red', 'red', 'red', 'red', 'yellow', 'bold', undefined, 'dim'];

/** Puts the module's name before each of its lines, unless only one module was asked for. */
export class LogLineRenderer {
  readonly #paint: Paint;
  readonly #isNamed: boolean;
  readonly #colours = new Map<string, Colour>();
  #width = 0;

  constructor(context: Pick<CliContext, 'isTerminal' | 'environment'>, modules: readonly string[]) {
    this.#paint = paintFor(context);
    this.#isNamed = modules.length !== 1;
    this.#width = Math.max(0, ...modules.map((module) => module.length));
  }

  render({ module, text }: ControlLogLine): string {
    const level = /^<(\d)>/.exec(text)?.[1];
    const colour = level === undefined ? undefined : LEVELS[Number(level)];
    const plain = plainText(text);
    const line = colour === undefined ? plain : this.#paint(colour, plain);
    if (!this.#isNamed) return `${line}\n`;
    this.#width = Math.max(this.#width, module.length);
    return `${this.#paint(this.#colourOf(module), plainText(module).padEnd(this.#width))} ${line}\n`;
  }

  #colourOf(module: string): Colour {
    let colour = this.#colours.get(module);
    if (colour === undefined) {
      colour = MODULE_COLOURS[this.#colours.size % MODULE_COLOURS.length] ?? 'cyan';
      this.#colours.set(module, colour);
    }
    return colour;
  }
}
