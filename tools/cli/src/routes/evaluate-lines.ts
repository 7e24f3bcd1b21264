import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { evaluateLine } from '@edgeveil/local-edge/manifest-tools';
import type { CliContext } from '../cli-context.ts';
import { UsageError } from '../usage-error.ts';

/** Answers every line as it comes, in order. Blank lines are passed over. */
export async function evaluateLines(file: string | undefined, context: CliContext): Promise<void> {
  const input = file === undefined ? context.input : await openFile(resolve(context.workingDir, file), file);
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    if (context.signal.aborted) return;
    if (line.trim() === '') continue;
    const isRoomLeft = context.output.write(`${JSON.stringify(evaluateLine(line))}\n`);
    if (!isRoomLeft) await once(context.output, 'drain', { signal: context.signal });
  }
}

async function openFile(path: string, name: string): Promise<NodeJS.ReadableStream> {
  const stream = createReadStream(path);
  try {
    await once(stream, 'open');
  } catch {
    throw new UsageError(`${name}: no such file, or it cannot be read`);
  }
  return stream;
}
