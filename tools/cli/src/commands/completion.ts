import { Argument, type Command } from 'commander';
import type { CliContext, ExitCode } from '../cli-context.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

const EXAMPLES = `
Examples:
  $ edgeveil completion bash > ~/.local/share/bash-completion/completions/edgeveil
  $ source <(edgeveil completion zsh)                                   in ~/.zshrc, after compinit
  $ edgeveil completion fish > ~/.config/fish/completions/edgeveil.fish

Completes commands, options and their values, and of the running edge the names of modules, inputs, outputs and routes.`;

/** Adds `edgeveil completion`, and what its scripts ask for each time. */
export function addCompletionCommand(
  program: Command,
  context: CliContext,
  setExitCode: (code: ExitCode) => void,
): void {
  program
    .command('completion')
    .description('print a script that completes edgeveil in a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText('after', EXAMPLES)
    .action(async (shell: (typeof SHELLS)[number]) => {
      const { completionScript } = await import('../completion/completion-script.ts');
      context.output.write(completionScript(shell));
      setExitCode(0);
    });
}

/** Adds what the completion scripts call: `__complete -- WORD…`, the last word being the one under the cursor. */
export function addCompleteCommand(program: Command, context: CliContext, setExitCode: (code: ExitCode) => void): void {
  program
    .command('__complete', { hidden: true })
    .argument('[word...]')
    .action(async (words: string[]) => {
      const { complete } = await import('../completion/complete.ts');
      for (const { value, description } of await complete(words, context)) {
        context.output.write(description === undefined ? `${value}\n` : `${value}\t${description}\n`);
      }
      setExitCode(0);
    });
}
