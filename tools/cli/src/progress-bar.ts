import { createLogUpdate } from 'log-update';
import type { CliContext } from './cli-context.ts';

export interface ProgressBar {
  step(note: string): void;
  done(): void;
}

const WIDTH = 30;

/** A bar on the error stream, so that results can be piped; silent where nobody watches. */
export function createProgressBar(total: number, context: CliContext): ProgressBar {
  if (!context.isTerminal || total < 2) return { step: () => {}, done: () => {} };
  const update = createLogUpdate(context.errors);
  let count = 0;
  return {
    step(note) {
      count += 1;
      const filled = Math.round((count / total) * WIDTH);
      update(`${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${count}/${total} ${note}`);
    },
    done: () => update.clear(),
  };
}
