import type { Command } from 'commander';
import type { CliContext, ExitCode } from './cli-context.ts';

/** Adds a command to the program; its work is loaded when it is called. */
export type AddCommand = (program: Command, context: CliContext, setExitCode: (code: ExitCode) => void) => void;

/**
 * Every command and the file that describes it, in the order of the help. Only the file of the command that was asked for is read: each
 * costs the start of a small command a millisecond.
 */
const COMMANDS: Readonly<Record<string, () => Promise<AddCommand>>> = {
  run: async () => (await import('./commands/run.ts')).addRunCommand,
  detect: async () => (await import('./commands/detect.ts')).addDetectCommand,
  model: async () => (await import('./commands/model.ts')).addModelCommand,
  redact: async () => (await import('./commands/redact.ts')).addRedactCommand,
  validate: async () => (await import('./commands/validate.ts')).addValidateCommand,
  build: async () => (await import('./commands/build.ts')).addBuildCommand,
  routes: async () => (await import('./commands/routes.ts')).addRoutesCommand,
  start: async () => (await import('./commands/start.ts')).addStartCommand,
  status: async () => (await import('./commands/status.ts')).addStatusCommand,
  monitor: async () => (await import('./commands/monitor.ts')).addMonitorCommand,
  send: async () => (await import('./commands/send.ts')).addSendCommand,
  twin: async () => (await import('./commands/twin.ts')).addTwinCommand,
  method: async () => (await import('./commands/method.ts')).addMethodCommand,
  logs: async () => (await import('./commands/logs.ts')).addLogsCommand,
  restart: async () => (await import('./commands/restart.ts')).addRestartCommand,
  offline: async () => (await import('./commands/offline.ts')).addOfflineCommand,
  modulecred: async () => (await import('./commands/modulecred.ts')).addModulecredCommand,
  stop: async () => (await import('./commands/stop.ts')).addStopCommand,
  doctor: async () => (await import('./commands/doctor.ts')).addDoctorCommand,
  completion: async () => (await import('./commands/completion.ts')).addCompletionCommand,
  __complete: async () => (await import('./commands/completion.ts')).addCompleteCommand,
};

/** What adds the command that a command line names; of all of them when it names none, or asks for help on one. */
export async function commandsFor(args: readonly string[]): Promise<AddCommand[]> {
  const [name = ''] = args;
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  return load === undefined ? Promise.all(Object.values(COMMANDS).map((each) => each())) : [await load()];
}
