import type { EdgeNames } from '@edgeveil/local-edge/control';
import type { CliContext } from '../cli-context.ts';
import { openControl } from '../open-control.ts';
import type { Candidate } from './complete.ts';

/** A command line as far as it is written. */
export interface CommandLine {
  /** `twin get`. */
  readonly commandName: string;
  readonly operands: readonly string[];
  readonly values: ReadonlyMap<string, string>;
}

// Nobody waits longer for a completion; an edge that is that busy completes nothing.
const ANSWER_MS = 1000;

const AGENT_METHODS = [
  'ping',
  'RestartModule',
  'GetModuleLogs',
  'UploadModuleLogs',
  'UploadSupportBundle',
  'GetTaskStatus',
];

/** What the running edge knows for an argument or an option of a command; files where it is none of its names. */
export async function knownValues(name: string, line: CommandLine, context: CliContext): Promise<Candidate[]> {
  const kind = kindOf(name, line);
  switch (kind) {
    case 'files':
      return [{ value: ':files' }];
    case 'dirs':
      return [{ value: ':dirs' }];
    case 'nothing':
      return [];
    case 'agent-methods':
      return AGENT_METHODS.map((value) => ({ value }));
    default:
      return pick(kind, await namesOf(line, context), line).map((value) => ({ value }));
  }
}

type Kind = 'files' | 'dirs' | 'nothing' | 'agent-methods' | 'modules' | 'inputs' | 'outputs' | 'routes';

function kindOf(name: string, { commandName, operands, values }: CommandLine): Kind {
  switch (name) {
    case 'module':
    case '--module':
      return 'modules';
    case '--only':
    case '--inspect':
      return 'nothing';
    case '--route':
      return 'routes';
    case 'input':
      return values.has('asOutput') ? 'outputs' : 'inputs';
    case '--state':
    case '--out':
    case '--draw':
    case '--images':
      return 'dirs';
    case 'name':
      return commandName === 'method call' && operands[0] === '$edgeAgent' ? 'agent-methods' : 'nothing';
    default:
      return /^--(?:count|tail|timeout|connect-timeout|since|until|filter|prop|path|for|margin|classes|content-)/.test(
        name,
      )
        ? 'nothing'
        : 'files';
  }
}

async function namesOf({ values }: CommandLine, context: CliContext): Promise<EdgeNames> {
  const state = values.get('state');
  const edge = await openControl(state === undefined ? {} : { state }, context);
  return edge.names(AbortSignal.timeout(ANSWER_MS));
}

function pick(
  kind: 'modules' | 'inputs' | 'outputs' | 'routes',
  names: EdgeNames,
  line: CommandLine,
): readonly string[] {
  const [module = ''] = line.operands;
  switch (kind) {
    case 'modules':
      return [...names.modules, ...runtimeModules(line)];
    case 'inputs':
      return names.inputs[module] ?? [];
    case 'outputs':
      return names.outputs[module] ?? [];
    case 'routes':
      return names.routes;
  }
}

function runtimeModules({ commandName, operands }: CommandLine): readonly string[] {
  if (commandName === 'twin get') return ['$edgeAgent', '$edgeHub'];
  if (commandName === 'method call') return ['$edgeAgent'];
  return commandName === 'logs' && !operands.includes('$edgeHub') ? ['$edgeHub'] : [];
}
