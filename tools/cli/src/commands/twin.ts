import type { Command } from 'commander';
import type { CliContext, ExitCode } from '../cli-context.ts';
import { type EdgeOptions, STATE_OPTION } from '../open-control.ts';

export interface TwinGetOptions extends EdgeOptions {
  readonly path?: string;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  $ edgeveil twin get filter
  $ edgeveil twin get filter --path desired.threshold
  $ edgeveil twin get '$edgeHub' --path reported.clients
  $ edgeveil twin patch filter '{"threshold": 30, "label": null}'     null removes a property
  $ edgeveil twin set filter @desired.json
  $ jq .desired twin.json | edgeveil twin patch filter -

get prints JSON in both cases; --json gives it in one line.`;

/** Adds `edgeveil twin`: a module's desired and reported properties. */
export function addTwinCommand(program: Command, context: CliContext, setExitCode: (code: ExitCode) => void): void {
  const twin = program
    .command('twin')
    .description('read a module twin, or change its desired properties')
    .addHelpText('after', EXAMPLES);
  twin
    .command('get')
    .description('print desired and reported properties with their versions')
    .argument('<module>', "name of a module; '$edgeAgent' and '$edgeHub' have twins too")
    .option('--path <path>', 'only what is there, as in reported.clients or desired.list.0')
    .option(...STATE_OPTION)
    .option('--json', 'in one line')
    .addHelpText('after', EXAMPLES)
    .action(async (module: string, options: TwinGetOptions) => {
      const { getTwin } = await import('../twin/get-twin.ts');
      setExitCode(await getTwin(module, options, context));
    });
  for (const [name, description] of [
    ['set', 'put a JSON object in the place of the desired properties'],
    ['patch', 'merge a JSON object into the desired properties; null removes'],
  ] as const) {
    twin
      .command(name)
      .description(description)
      .argument('<module>', 'name of a module')
      .argument('<json>', 'a JSON object, @FILE, or - for what is piped in')
      .option(...STATE_OPTION)
      .option('--json', 'the new version as JSON')
      .addHelpText('after', EXAMPLES)
      .action(async (module: string, json: string, options: TwinGetOptions) => {
        const { changeTwin } = await import('../twin/change-twin.ts');
        setExitCode(await changeTwin(name, module, json, options, context));
      });
  }
}
