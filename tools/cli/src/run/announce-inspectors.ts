import type { LogLine } from '@edgeveil/local-edge';
import type { CliContext } from '../cli-context.ts';

const listening = /^Debugger listening on (ws:\/\/\S+)$/;

/** Says where the inspector of a module waits as soon as Node has opened it, at every start of the module anew. */
export function announceInspectors(
  inspected: ReadonlyMap<string, number>,
  { errors }: CliContext,
  next: (line: LogLine) => void,
): (line: LogLine) => void {
  if (inspected.size === 0) return next;
  return (line) => {
    const url = inspected.has(line.module) ? listening.exec(line.text)?.[1] : undefined;
    if (url !== undefined) {
      errors.write(
        `inspector of ${line.module}: ${url} (chrome://inspect, or attach a debugger to ${new URL(url).host})\n`,
      );
    }
    next(line);
  };
}
