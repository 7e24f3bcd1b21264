import { type Command, Option } from 'commander';
import type { BuildCommandOptions } from '../build/build-template.ts';
import type { CliContext, ExitCode } from '../cli-context.ts';

const EXAMPLES = `
Examples:
  $ edgeveil build deployment.template.json
  $ edgeveil build deployment.template.json --platform arm64v8 --env site-7.env --out site-7.json
  $ CONTAINER_TAG=ci edgeveil build deployment.template.json --debug

Writes config/deployment[.debug].PLATFORM.json beside the template, as iotedgedev and the VS Code extension do: variables and
images filled in, create options as texts of 512 characters. Tags end in -CONTAINER_TAG where that variable is set. Images are
named, not built.`;

/** Adds `edgeveil build`: a deployment template becomes a manifest that IoT Hub takes. */
export function addBuildCommand(program: Command, context: CliContext, setExitCode: (code: ExitCode) => void): void {
  program
    .command('build')
    .description('expand a deployment template into a manifest')
    .argument('<template>', 'deployment template')
    .addOption(
      new Option(
        '--platform <name>',
        'platform of the images: amd64, arm64v8, arm32v7, or another that module.json names',
      ).default('amd64'),
    )
    .option('--debug', 'images of the .debug platforms')
    .option('--out <file>', 'where to write it; - is the standard output')
    .option('--env <file>', 'file of NAME=value lines for the template', '.env')
    .addHelpText('after', EXAMPLES)
    .action(async (template: string, options: BuildCommandOptions) => {
      const { buildTemplate } = await import('../build/build-template.ts');
      setExitCode(await buildTemplate(template, options, context));
    });
}
