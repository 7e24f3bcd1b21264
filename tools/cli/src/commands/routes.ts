import type { Command } from 'commander';
import type { CliContext, ExitCode } from '../cli-context.ts';
import { collect } from '../option-values.ts';
import type { MatchOptions } from '../routes/match-routes.ts';

const EVAL_EXAMPLES = `
Examples:
  $ echo '{"condition": "as_number(t) > 30", "message": {"properties": {"t": "31"}}}' | edgeveil routes eval
  $ edgeveil routes eval cases.jsonl > verdicts.jsonl

A line is {"condition" or "route": "…", "message": {"properties": {}, "systemProperties": {}, "body": …}}; \`body\` is a text or a
document, \`bodyBase64\` bytes. A line comes back for each: {"result": true | false | "undefined" | "compile-error"}, with
"error": {message, line, column} where edgeHub would refuse it. A line that is no good answers "invalid-line".`;

const MATCH_EXAMPLES = `
Examples:
  $ edgeveil routes match deployment.template.json --from sensor/temperature --prop level=high
  $ edgeveil routes match deployment.template.json --from filter/alerts --body '{"t": 31}' --json

Which routes would take such a message, and why the others would not. A body that is JSON is sent as application/json in utf-8,
as a module has to do for $body to work; --plain leaves both out, as the SDK does by itself.`;

/** Adds `edgeveil routes`: routes tried out with nothing running. */
export function addRoutesCommand(program: Command, context: CliContext, setExitCode: (code: ExitCode) => void): void {
  const routes = program.command('routes').description('try out routes and conditions of edgeHub');
  routes
    .command('eval')
    .description('evaluate conditions or routes on messages, one JSON line each')
    .argument('[file]', 'file of JSON lines (default: what is piped in)')
    .addHelpText('after', EVAL_EXAMPLES)
    .action(async (file: string | undefined) => {
      const { evaluateLines } = await import('../routes/evaluate-lines.ts');
      await evaluateLines(file, context);
      setExitCode(0);
    });
  routes
    .command('match')
    .description('show which routes of a deployment take a message')
    .argument('<manifest>', 'deployment manifest or template')
    .option('--from <module[/output]>', 'the sender (default: a device behind the edge)')
    .option('--prop <name=value>', 'application property; may be repeated', collect, [])
    .option('--sys <name=value>', 'system property, for example messageId=1; may be repeated', collect, [])
    .option('--body <text>', 'body of the message')
    .option('--plain', 'do not declare a JSON body as such')
    .option('--twin-change', 'a change of reported properties instead of a telemetry message')
    .option('--env <file>', 'file of NAME=value lines for the template', '.env')
    .option('--json', 'one JSON line a route')
    .addHelpText('after', MATCH_EXAMPLES)
    .action(async (manifest: string, options: MatchOptions) => {
      const { matchRoutes } = await import('../routes/match-routes.ts');
      setExitCode(await matchRoutes(manifest, options, context));
    });
}
