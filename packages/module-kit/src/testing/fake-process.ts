import { EventEmitter } from 'node:events';
import type { ModuleProcess } from '../life/module-process.ts';

/** A process for tests: keeps what was written, tells what exit code it would have had, takes signals by `emit`. */
export class FakeProcess extends EventEmitter implements ModuleProcess {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly lines: string[] = [];
  readonly stdout = {
    write: (text: string): boolean => {
      this.lines.push(text);
      return true;
    },
  };
  exitCode?: number | string | null | undefined;
  /** Resolves with the code when `exit` is called. */
  readonly exited: Promise<number>;
  readonly exit: (code: number) => void;

  constructor(env: Readonly<Record<string, string | undefined>>) {
    super();
    this.env = env;
    const { promise, resolve } = Promise.withResolvers<number>();
    this.exited = promise;
    this.exit = resolve;
  }

  getActiveResourcesInfo(): string[] {
    return [];
  }
}
