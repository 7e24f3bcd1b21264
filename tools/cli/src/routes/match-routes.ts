import { dirname, resolve } from 'node:path';
import {
  explainRoutes,
  loadDeployment,
  messageSourceOf,
  type RouteExplanation,
  type RouteReason,
} from '@edgeveil/local-edge/manifest-tools';
import type { CliContext, ExitCode } from '../cli-context.ts';
import { readEnvFile } from '../env-file.ts';
import { paintFor } from '../terminal/paint.ts';
import { UsageError } from '../usage-error.ts';

export interface MatchOptions {
  readonly from?: string;
  readonly prop: readonly string[];
  readonly sys: readonly string[];
  readonly body?: string;
  readonly plain?: boolean;
  readonly twinChange?: boolean;
  readonly env: string;
  readonly json?: boolean;
}

type RoutableMessage = Parameters<typeof explainRoutes>[1];

const REASONS: Readonly<Record<RouteReason, string>> = {
  taken: 'takes it',
  outranked: 'takes it; another route to the same endpoint has the higher priority',
  'other-source': 'is for another source',
  'condition-false': 'its condition is false',
  'condition-undefined': 'its condition is undefined: something in it is missing, or not a value',
  'compile-error': 'does not compile',
};

/** Prints what every route of a deployment says of one message. @returns 1 when none takes it */
export async function matchRoutes(manifest: string, options: MatchOptions, context: CliContext): Promise<ExitCode> {
  const path = resolve(context.workingDir, manifest);
  const environment = { ...context.environment, ...(await readEnvFile(resolve(dirname(path), options.env))) };
  const { hub } = await loadDeployment(path, environment);
  const message = messageOf(options);
  const explanations = explainRoutes(hub.routes, message, DEVICE);
  if (options.json) {
    for (const explanation of explanations) context.output.write(`${JSON.stringify(explanation)}\n`);
  } else {
    context.output.write(`a message from ${messageSourceOf(message)}\n`);
    for (const explanation of explanations) context.output.write(lineOf(explanation, context));
  }
  return explanations.some(({ reason }) => isTaken(reason)) ? 0 : 1;
}

const DEVICE = 'edge';

function isTaken(reason: RouteReason): boolean {
  return reason === 'taken' || reason === 'outranked';
}

function lineOf({ name, reason, endpoint, problems = [] }: RouteExplanation, context: CliContext): string {
  const paint = paintFor(context);
  const colour = isTaken(reason) ? 'green' : reason === 'compile-error' ? 'red' : 'dim';
  const target = endpoint === undefined ? '' : ` -> ${endpoint.replace(`${DEVICE}/`, '')}`;
  const details = problems.map(({ message, start }) => `\n      ${start.line}:${start.column} ${message}`).join('');
  return `  ${paint(colour, `${isTaken(reason) ? '+' : '-'} ${name}${target}: ${REASONS[reason]}`)}${details}\n`;
}

function messageOf(options: MatchOptions): RoutableMessage {
  const [module, output] = options.from?.split('/') ?? [];
  const system = new Map<string, string>(pairs(options.sys));
  const declare = (name: string, value: string) => void (system.has(name) || system.set(name, value));
  if (module) declare('connectionModuleId', module);
  if (output) declare('outputName', output);
  if (options.twinChange) declare('messageType', 'twinChangeNotification');
  if (options.body !== undefined && !options.plain && !options.twinChange && isJson(options.body)) {
    declare('contentType', 'application/json');
    declare('contentEncoding', 'utf-8');
  }
  return { properties: new Map(pairs(options.prop)), systemProperties: system, body: Buffer.from(options.body ?? '') };
}

function pairs(texts: readonly string[]): (readonly [string, string])[] {
  return texts.map((text) => {
    const split = text.indexOf('=');
    if (split < 1) throw new UsageError(`'${text}' is not NAME=VALUE`);
    return [text.slice(0, split), text.slice(split + 1)];
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
