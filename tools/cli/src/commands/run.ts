import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { loadDeployment, startLocalEdge } from '@edgeveil/local-edge';
import type { Command } from 'commander';
import type { CliContext, ExitCode } from '../cli-context.ts';
import { readEnvFile } from '../env-file.ts';
import { ownPorts } from '../own-ports.ts';
import { unsetVariables } from '../unset-variables.ts';

interface RunOptions {
  readonly state?: string;
  readonly env: string;
}

const EXAMPLES = `
Examples:
  $ edgeveil run deployment.template.json
  $ edgeveil run deployment.cpu.template.json --env site-7.env --state /var/tmp/site-7

A module runs as a process: \`modules/NAME/package.json\` beside the manifest says which. $VARIABLES of a template come from
the environment and from the .env file. Ctrl-C stops all modules in order.`;

/** Adds `edgeveil run`: a deployment manifest or template on this machine, with no Docker and no Azure. */
export function addRunCommand(program: Command, context: CliContext, setExitCode: (code: ExitCode) => void): void {
  program
    .command('run')
    .description('run an IoT Edge deployment on this machine, without Docker or Azure')
    .argument('<manifest>', 'deployment manifest or template')
    .option('--state <dir>', 'folder for what outlives a restart (default: .edgeveil/run beside the manifest)')
    .option('--env <file>', 'file of NAME=value lines for the template', '.env')
    .addHelpText('after', EXAMPLES)
    .action(async (manifest: string, options: RunOptions) => {
      setExitCode(await run(manifest, options, context));
    });
}

async function run(manifest: string, options: RunOptions, context: CliContext): Promise<ExitCode> {
  const path = resolve(context.workingDir, manifest);
  const repoDir = resolve(path, '..');
  const environment = { ...context.environment, ...(await readEnvFile(resolve(repoDir, options.env))) };
  const { modules } = await loadDeployment(path, environment);
  const unset = unsetVariables(await readFile(path, 'utf8'), environment);
  if (unset.length > 0)
    context.errors.write(`warning: not set, neither in the environment nor in ${options.env}: ${unset.join(', ')}\n`);
  const edge = await startLocalEdge({
    manifest: path,
    stateDir:
      options.state === undefined ? join(repoDir, '.edgeveil', 'run') : resolve(context.workingDir, options.state),
    repoDir,
    environment,
    moduleOverrides: ownPorts(modules.map(({ name }) => name)),
    onLog: ({ text }) => void context.output.write(`${text}\n`),
  });
  context.errors.write(`IoT Edge runtime of device ${edge.deviceId} at ${edge.address}:8883; Ctrl-C stops\n`);
  if (!context.signal.aborted) await once(context.signal, 'abort');
  context.errors.write('stopping…\n');
  await edge.stop();
  return 0;
}
