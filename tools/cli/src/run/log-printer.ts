import type { LogLine } from '@edgeveil/local-edge';
import type { CliContext } from '../cli-context.ts';
import { LogLineRenderer } from '../logs/log-line-renderer.ts';

/** Prints what modules write: a line each under its module's name, or JSON. */
export function logPrinter(
  modules: readonly string[],
  { json }: { readonly json?: boolean },
  context: CliContext,
): (line: LogLine) => void {
  if (json) {
    return ({ at, module, stream, text }) => {
      context.output.write(`${JSON.stringify({ at, module, stream, text })}\n`);
    };
  }
  // The runtime's own lines come too, so that there is never only one module.
  const renderer = new LogLineRenderer(context, { names: [...modules, '$edgeHub'], hasTimes: false });
  return ({ at, module, stream, text }) => {
    context.output.write(renderer.render({ time: at.toISOString(), module, stream, text }));
  };
}
