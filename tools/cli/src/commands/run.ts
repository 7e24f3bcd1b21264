import type { Command } from 'commander';
import type { CliContext, ExitCode } from '../cli-context.ts';
import type { RunOptions } from '../run/run.ts';

const EXAMPLES = `
Examples:
  $ edgeveil run deployment.template.json
  $ edgeveil run deployment.json layer.json --only sensor,filter
  $ edgeveil run deployment.template.json --watch --inspect filter
  $ edgeveil run deployment.cpu.template.json --env site-7.env --state /var/tmp/site-7

A module runs as a process: \`modules/NAME/package.json\` beside the manifest says which, or \`local-edge.json\` beside it:
  { "modules": { "sensor": { "command": ["python3", "sensor.py"], "cwd": "sensor", "env": { "RATE": 5 } } } }
and under "images" the same by image. $VARIABLES of a template come from the environment and from the .env file. Ctrl-C
stops all modules in order.`;

/** Adds `edgeveil run`: a deployment manifest or template on this machine, with no Docker and no Azure. */
export function addRunCommand(program: Command, context: CliContext, setExitCode: (code: ExitCode) => void): void {
  program
    .command('run')
    .description('run an IoT Edge deployment on this machine, without Docker or Azure')
    .argument('<manifest>', 'deployment manifest or template')
    .argument('[layers...]', 'layered deployments, put onto it in the order of their priority')
    .option('--only <modules>', 'start only these, separated by commas; the others may be started by hand')
    .option('--watch', 'restart a module when its files change, deploy anew when a manifest does')
    .option('--inspect <module[=port]>', "open Node's inspector of a module (may be repeated)", collect)
    .option('--docker', 'run modules as containers, except those that local-edge.json names a command for')
    .option('--pull', 'with --docker: pull images first; they are never pulled otherwise')
    .option('--fresh', 'forget what earlier runs have left: messages, twins, identities, volumes')
    .option('--accept-any', 'take any password from any module')
    .option('--state <dir>', 'folder for what outlives a restart (default: .edgeveil/run beside the manifest)')
    .option('--env <file>', 'file of NAME=value lines for the template', '.env')
    .option('--json', 'print log lines as JSON, one to a line')
    .addHelpText('after', EXAMPLES)
    .action(async (manifest: string, layers: string[], options: RunOptions) => {
      const { keepMemorySmall } = await import('@edgeveil/local-edge/keep-memory-small');
      keepMemorySmall();
      const { run } = await import('../run/run.ts');
      setExitCode(await run(manifest, layers, options, context));
    });
}

function collect(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value];
}
