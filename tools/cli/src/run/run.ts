import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type LocalEdge, loadDeployment, startLocalEdge } from '@edgeveil/local-edge';
import { unsetVariables } from '@edgeveil/local-edge/manifest-tools';
import type { CliContext, ExitCode } from '../cli-context.ts';
import { readEnvFile } from '../env-file.ts';
import { existingFile } from '../existing-file.ts';
import { UsageError } from '../usage-error.ts';
import { announceInspectors } from './announce-inspectors.ts';
import { logPrinter } from './log-printer.ts';
import { moduleOverrides, parseInspect } from './module-overrides.ts';
import { watchDeployment } from './watch-deployment.ts';

export interface RunOptions {
  readonly only?: string;
  readonly watch?: boolean;
  readonly inspect?: readonly string[];
  readonly docker?: boolean;
  readonly pull?: boolean;
  readonly fresh?: boolean;
  readonly acceptAny?: boolean;
  readonly state?: string;
  readonly env: string;
  readonly json?: boolean;
}

/** Runs a deployment until the user, or another process over the control socket, ends it. */
export async function run(
  manifest: string,
  layers: readonly string[],
  options: RunOptions,
  context: CliContext,
): Promise<ExitCode> {
  if (options.pull && !options.docker) throw new UsageError('--pull needs --docker');
  const [path = '', ...layerPaths] = await Promise.all(
    [manifest, ...layers].map((file) => existingFile(file, context)),
  );
  const repoDir = resolve(path, '..');
  const environment = { ...context.environment, ...(await readEnvFile(resolve(repoDir, options.env))) };
  const { modules } = await loadDeployment(path, environment, layerPaths);
  const names = modules.map(({ name }) => name);
  const only = options.only?.split(',').map((name) => name.trim());
  const inspected = parseInspect(options.inspect ?? []);
  for (const name of [...(only ?? []), ...inspected.keys()]) {
    if (!names.includes(name)) throw new UsageError(`the manifest has no module '${name}'; it has ${names.join(', ')}`);
  }
  await warnOfUnset([path, ...layerPaths], environment, options.env, context);

  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  const stateDir =
    options.state === undefined ? join(repoDir, '.edgeveil', 'run') : resolve(context.workingDir, options.state);
  let edge: LocalEdge;
  try {
    edge = await startLocalEdge({
      manifest: path,
      layers: layerPaths,
      stateDir,
      repoDir,
      environment,
      moduleOverrides: moduleOverrides(inspected),
      ...(only === undefined ? {} : { only }),
      ...(options.docker ? { docker: { pull: options.pull ?? false } } : {}),
      fresh: options.fresh ?? false,
      acceptAny: options.acceptAny ?? false,
      control: { onStop: () => stop.abort() },
      signal,
      onLog: announceInspectors(inspected, context, logPrinter(names, options, context)),
    });
  } catch (error) {
    if (!signal.aborted) throw error;
    context.errors.write('stopped before all modules had been started\n');
    return 0;
  }
  context.errors.write(`IoT Edge runtime of device ${edge.deviceId} at ${edge.address}:8883; Ctrl-C stops\n`);
  const watcher = options.watch ? watchDeployment(edge, path, layerPaths, context) : undefined;
  if (!signal.aborted) await once(signal, 'abort');
  context.errors.write('stopping…\n');
  await watcher?.close();
  await edge.stop();
  return 0;
}

async function warnOfUnset(
  paths: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  envFile: string,
  { errors }: CliContext,
): Promise<void> {
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
  const unset = unsetVariables(texts.join('\n'), environment);
  if (unset.length > 0)
    errors.write(`warning: not set, neither in the environment nor in ${envFile}: ${unset.join(', ')}\n`);
}
