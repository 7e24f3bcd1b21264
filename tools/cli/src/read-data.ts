import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { CliContext } from './cli-context.ts';
import { UsageError } from './usage-error.ts';

/** What an argument stands for: `@FILE` a file's bytes, `-` what is piped in, anything else itself. @throws UsageError for a file that cannot be read */
export async function readData(argument: string, context: CliContext): Promise<Buffer> {
  if (argument === '-') {
    const chunks: Buffer[] = [];
    for await (const chunk of context.input) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks);
  }
  if (!argument.startsWith('@')) return Buffer.from(argument);
  const path = resolve(context.workingDir, argument.slice(1));
  try {
    return await readFile(path);
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? cause.code : cause;
    throw new UsageError(`${path} cannot be read: ${reason}`);
  }
}

/** The same as JSON. @throws UsageError for what is none */
export async function readJson(argument: string, context: CliContext): Promise<unknown> {
  const text = (await readData(argument, context)).toString('utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}
