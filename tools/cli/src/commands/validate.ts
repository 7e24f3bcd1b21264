import type { Command } from 'commander';
import type { CliContext, ExitCode } from '../cli-context.ts';
import type { ValidateOptions } from '../validate/validate-files.ts';

const EXAMPLES = `
Examples:
  $ edgeveil validate deployment.template.json
  $ edgeveil validate deployment.template.json layers/*.json --strict
  $ edgeveil validate config/deployment.amd64.json --json | jq -r '.[] | select(.severity == "error") | .code'

Takes manifests, templates and layers. Errors are what a device refuses, warnings what it takes in silence and does otherwise than
it reads, notes what is good to know. Ends with 1 on an error; with --strict on a warning too. docs/local-edge.md lists all checks.`;

/** Adds `edgeveil validate`: the mistakes in a deployment before a device meets them. */
export function addValidateCommand(program: Command, context: CliContext, setExitCode: (code: ExitCode) => void): void {
  program
    .command('validate')
    .description('look for mistakes in deployment manifests and templates')
    .argument('<file...>', 'manifests, templates or layers')
    .option('--strict', 'end with 1 on warnings as well')
    .option('--quiet', 'no notes')
    .option('--json', 'one JSON array of findings')
    .option('--env <file>', 'file of NAME=value lines for templates, beside each of them', '.env')
    .addHelpText('after', EXAMPLES)
    .action(async (files: string[], options: ValidateOptions) => {
      const { validateFiles } = await import('../validate/validate-files.ts');
      setExitCode(await validateFiles(files, options, context));
    });
}
