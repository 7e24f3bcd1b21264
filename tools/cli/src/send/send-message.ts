import type { CliContext, ExitCode } from '../cli-context.ts';
import type { SendOptions } from '../commands/send.ts';
import { openControl } from '../open-control.ts';
import { readData } from '../read-data.ts';
import { UsageError } from '../usage-error.ts';

/** Sends one message and says where it went; 1 when no route took it. */
export async function sendMessage(
  module: string,
  name: string,
  options: SendOptions,
  context: CliContext,
): Promise<ExitCode> {
  const body = await readData(options.data, context);
  const edge = await openControl(options, context);
  const { to } = await edge.send({
    module,
    ...(options.asOutput ? { output: name } : { input: name }),
    bodyBase64: body.toString('base64'),
    properties: propertiesFrom(options.prop ?? []),
    systemProperties: systemPropertiesFrom(options, body),
  });
  const receivers = to.map(({ endpoint, routes }) =>
    routes.length > 0 ? `${endpoint} (${routes.join(', ')})` : endpoint,
  );
  if (options.json) context.output.write(`${JSON.stringify({ to })}\n`);
  else if (to.length > 0) context.output.write(`sent to ${receivers.join(', ')}\n`);
  if (to.length > 0) return 0;
  context.errors.write(`no route took the message of ${module}/${name}: it was dropped\n`);
  return 1;
}

function propertiesFrom(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const split = pair.indexOf('=');
      if (split < 1) throw new UsageError(`--prop ${pair}: must be KEY=VALUE`);
      return [pair.slice(0, split), pair.slice(split + 1)];
    }),
  );
}

function systemPropertiesFrom({ contentType, contentEncoding }: SendOptions, body: Buffer): Record<string, string> {
  const isJson = contentType === undefined && isJsonDocument(body);
  const type = contentType ?? (isJson ? 'application/json' : '');
  const encoding = contentEncoding ?? (isJson ? 'utf-8' : '');
  return {
    ...(type === '' ? {} : { contentType: type }),
    ...(encoding === '' ? {} : { contentEncoding: encoding }),
  };
}

function isJsonDocument(body: Buffer): boolean {
  const text = body.toString('utf8');
  if (!/^\s*[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
