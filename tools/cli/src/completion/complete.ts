import { Command, type Option } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { commandsFor } from '../command-table.ts';
import { type CommandLine, knownValues } from './known-values.ts';

/** What a word may become. The values `:files` and `:dirs` stand for what the shell finds itself. */
export interface Candidate {
  readonly value: string;
  readonly description?: string;
}

/** What the last of some words, the program's name left out, may become. Never throws: a completion that fails is none. */
export async function complete(words: readonly string[], context: CliContext): Promise<Candidate[]> {
  try {
    const line = await readLine(words, context);
    const candidates = await candidatesFor(line, context);
    return candidates.filter(({ value }) => value.startsWith(':') || value.startsWith(line.partial));
  } catch {
    return [];
  }
}

interface ParsedLine extends CommandLine {
  readonly command: Command;
  readonly partial: string;
  /** Whose value is to be completed. */
  readonly option: Option | undefined;
  readonly isOptionsEnded: boolean;
}

async function readLine(words: readonly string[], context: CliContext): Promise<ParsedLine> {
  const program = new Command('edgeveil');
  for (const add of await commandsFor(words.slice(0, -1))) add(program, context, () => undefined);
  // bash makes three words of --option=value.
  const typed = words.slice(0, -1).filter((word) => word !== '=');
  const partial = words.at(-1) ?? '';
  let command = program;
  let pending: Option | undefined;
  let isOptionsEnded = false;
  const values = new Map<string, string>();
  const operands: string[] = [];
  for (const word of typed) {
    if (pending !== undefined) {
      values.set(pending.attributeName(), word);
      pending = undefined;
    } else if (word === '--') isOptionsEnded = true;
    else if (word.startsWith('-') && !isOptionsEnded) pending = noteOption(command, word, values);
    else {
      const inner = operands.length === 0 ? command.commands.find((each) => each.name() === word) : undefined;
      if (inner === undefined) operands.push(word);
      else command = inner;
    }
  }
  return {
    command,
    commandName: pathOf(command),
    partial: partial === '=' ? '' : partial,
    option: pending,
    isOptionsEnded,
    operands,
    values,
  };
}

/** @returns the option when its value is still to come */
function noteOption(command: Command, word: string, values: Map<string, string>): Option | undefined {
  const [flag = '', value] = word.split(/=(.*)/s);
  const option = command.options.find(({ long, short }) => long === flag || short === flag);
  if (option === undefined) return undefined;
  if (option.required && value === undefined) return option;
  values.set(option.attributeName(), value ?? 'true');
  return undefined;
}

function pathOf(command: Command): string {
  return command.parent === null ? '' : `${pathOf(command.parent)} ${command.name()}`.trim();
}

async function candidatesFor(line: ParsedLine, context: CliContext): Promise<Candidate[]> {
  const { command, option, partial, operands, isOptionsEnded } = line;
  if (option !== undefined) {
    return option.argChoices?.map((value) => ({ value })) ?? knownValues(`--${option.name()}`, line, context);
  }
  if (partial.startsWith('-') && !isOptionsEnded) return optionsOf(command);
  const inner = command.commands.filter((each) => !each.name().startsWith('_'));
  if (inner.length > 0) {
    if (operands.length > 0) return [];
    return inner.map((each) => ({ value: each.name(), description: each.description() }));
  }
  const { registeredArguments } = command;
  const last = registeredArguments.at(-1);
  const argument = registeredArguments[operands.length] ?? (last?.variadic ? last : undefined);
  if (argument === undefined) return optionsOf(command);
  return argument.argChoices?.map((value) => ({ value })) ?? knownValues(argument.name(), line, context);
}

function optionsOf(command: Command): Candidate[] {
  const own = command.options
    .filter(({ hidden }) => !hidden)
    .map(({ long, short, description }) => ({ value: long ?? short ?? '', description }));
  return [...own, { value: '--help', description: 'show options and examples' }];
}
